"""The course of a poll: it opens, one voice is asked after the other, an answer is heard, silence is a no."""

from __future__ import annotations

from datetime import datetime, timedelta

from callboard.blocks import markup as m
from callboard.core.words import joined
from callboard.gates import models, notices, signatures, store
from callboard.gates.assessment import Look
from callboard.gates.models import NO, YES, Mark, News, Poll, Signature, State, Verb, polls
from callboard.gates.models.polls import Answer, Condition, Stand, Voice
from callboard.gates.notices import polls as told
from callboard.gates.plan import poll as plan
from callboard.planfile.times import show_span
from callboard.plans import holds

MINUTE = timedelta(minutes=1)


def opens_at(look: Look) -> datetime | None:
    """When the poll of a decision opens."""
    opened = plan.opens(look.document, look.written.poll) if look.written.poll else None
    return opened[0] if opened else None


def go_on(look: Look) -> bool:
    """Bring the poll of a gate to where it should be now; whether that makes it a no-go."""
    poll = look.poll or _open(look)
    if poll is None or poll.ended_at or look.rejections:
        return False
    for number, voice in enumerate(poll.roles):
        if voice.stand == Stand.GO and not look.polled[number].given:
            polls.reopen(poll, number, _fallen(look, voice))
    refused = False
    frozen = holds.frozen(look.tx, look.gate.plan_id, holds.EVERY_GATE)
    if why := [frozen] if frozen else [reading.line for reading in look.unmet]:
        _stop(look, poll, why)
    else:
        refused = _ask(look, poll)
    gate, now = look.gate, look.tx.now
    over = gate.due_at is not None and gate.due_at <= now and not decides(look)
    if at := now if over else poll.until_at:
        gate.wake_at = min(filter(None, (gate.wake_at, at)))
    look.tx.session.flush()
    told.show(look.tx, poll)
    return refused


def decides(look: Look) -> bool:
    """Whether a decision that is due waits for its poll: all is met, and somebody has time to answer."""
    poll = look.poll
    return poll is not None and poll.ended_at is None and not look.lacking and poll.turn is not None


def _open(look: Look) -> Poll | None:
    """Open the poll if its hour has come and every criterion is met."""
    tx, gate, at = look.tx, look.gate, opens_at(look)
    no_go = gate.state == State.FAILED and gate.decision
    if holds.frozen(tx, gate.plan_id, holds.EVERY_GATE):
        return None
    if look.terms is None or at is None or at > tx.now or gate.settled or no_go or look.unmet:
        return None
    poll = polls.begin(gate.plan_id, gate.number, gate.attempt, look.terms, tx.now)
    tx.session.add(poll)
    tx.session.flush()
    look.poll = poll
    notices.post_card(tx, gate, look.directory)
    told.post(tx, poll, look.directory)
    names = joined(_name(look, voice) for voice in poll.roles)
    notices.record(tx, gate, Verb.POLL_OPENED, names=names, poll=poll.number)
    return poll


def _ask(look: Look, poll: Poll) -> bool:
    """Hear what was answered early, in turn, and ask who is next; whether somebody says no by that, or by silence."""
    while (turn := poll.turn) is not None:
        voice = poll.roles[turn]
        if voice.stand == Stand.ASKED:
            is_over = _time_is_over(look, poll, turn)
            if not is_over:
                _ask_others(look, poll, turn)
            return is_over
        if voice.early is None:
            _page(look, poll, turn)
        elif voice.early.go and voice.early.content != look.vouched:
            polls.reopen(poll, turn, ["what you vouched for has changed since you answered"])
        else:
            hear(look, turn, voice.early)
            if not voice.early.go:
                return True
    return False


def _time_is_over(look: Look, poll: Poll, turn: int) -> bool:
    """Whether a voice has said nothing in its time. If nobody could be heard at its end, it is asked again."""
    now, until = look.tx.now, poll.until_at
    if until is None or until > now:
        return False
    if now - until > polls.AWAY:
        polls.reopen(poll, turn, [f"I was away when your time ended, for {show_span(_whole(now, until))}"])
        _page(look, poll, turn)
        return False
    voice = polls.silence(poll, turn)
    notices.record(look.tx, look.gate, Verb.POLL_SILENT, voice=_name(look, voice), until=voice.until, turn=turn)
    return True


def _whole(now: datetime, until: datetime) -> timedelta:
    return (now - until) // MINUTE * MINUTE


def _page(look: Look, poll: Poll, turn: int) -> None:
    """It is the turn of a voice: everybody who can answer for it is paged."""
    able = look.answerers(turn)
    voice = polls.ask(poll, turn, tuple(able), look.tx.now)
    look.tx.session.flush()
    told.page(look.tx, poll, turn, look.directory, able)
    notices.record(
        look.tx, look.gate, Verb.POLL_ASKED, people=list(able), voice=_name(look, voice), until=voice.until,
        why=list(voice.why), turn=turn,
    )  # fmt: skip


def _ask_others(look: Look, poll: Poll, turn: int) -> None:
    """Whoever stands in is asked too, in a time of their own where nobody else is left who was asked."""
    able, asked = look.answerers(turn), poll.roles[turn].people
    new = [key for key in able if key not in asked]
    if new and able.keys().isdisjoint(asked):
        polls.reopen(poll, turn, [f"{joined(map(look.directory.called, asked))} can't answer any more"])
        _page(look, poll, turn)
    elif new:
        polls.ask_more(poll, turn, new)
        look.tx.session.flush()
        told.page(look.tx, poll, turn, look.directory, able)


def hear(look: Look, number: int, answer: Answer) -> None:
    """An answer counts from now on: as a signature on the evidence, or as a no."""
    tx, gate, poll = look.tx, look.gate, look.poll
    if poll is None:
        return
    for signature in look.standing:
        if signature.person == answer.by:
            models.end(signature, Mark.REPLACED, tx.now)
    signed = {**signatures.signed(look.evidence), "polled": True} if answer.go else {}
    row = Signature(
        gate_id=gate.number, person=answer.by, seat=answer.seat, verdict=YES if answer.go else NO, reason=answer.why,
        digest=look.vouched if answer.go else "", signed=signed, at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    gate.changes += 1
    voice = polls.hear(poll, number, answer, row.id or 0)
    notices.record(
        tx, gate, Verb.SIGNED if answer.go else Verb.REJECTED, actor=answer.by, on_behalf_of=row.on_behalf_of,
        said=answer.why or None, voice=_name(look, voice), digest=row.digest, condition=answer.condition or None,
        owner=answer.owner or None, turn=number,
    )  # fmt: skip
    condition = next((each for each in poll.conditions if each.voice == number + 1), None)
    if condition:
        _tell_owner(look, condition, answer.by)


def _tell_owner(look: Look, condition: Condition, by: str) -> None:
    """Whoever owns a condition hears of it, unless they said it themselves: the answer tells them."""
    if condition.owner != by:
        key, owner = f"condition:{condition.key}:{look.gate.changes}", look.directory.named([condition.owner])
        notices.tell(look, owner, key, News.CONDITION, why=[condition.text], by=by, criterion=condition.key)


def _fallen(look: Look, voice: Voice) -> list[str]:
    """Why a GO does not count any more."""
    row = store.signature(look.tx, voice.signature)
    if row is not None and row.why:
        return list(row.why)
    if row is not None and row.state == Mark.WITHDRAWN:
        return [f"{look.directory.called(row.person)} withdrew the GO"]
    fresh = look.terms.fresh if look.terms else None
    if row is not None and fresh and row.at + fresh <= look.tx.now:
        return [f"the GO is older than {show_span(fresh)}"]
    return ["whoever answered does not answer for it any more"]


def _stop(look: Look, poll: Poll, why: list[str]) -> None:
    """Nobody is asked while a criterion fails, or while all gates are stopped."""
    if not poll.stopped:
        notices.record(look.tx, look.gate, Verb.POLL_STOPPED, why=why)
    polls.stop(poll, why)


def end(look: Look, outcome: str, why: list[str]) -> None:
    """The poll is over, with the decision."""
    if look.poll and look.poll.ended_at is None:
        polls.end(look.poll, outcome, why, look.tx.now)
        look.tx.session.flush()
        told.show(look.tx, look.poll)


def why_not(look: Look) -> list[str]:
    """What of the poll keeps a decision from GO; silence is named as silence."""
    voices = look.poll.roles if look.poll else []
    silent = [voice for voice in voices if voice.stand == Stand.SILENT]
    if silent:
        return [_silence(look, voice) for voice in silent]
    waiting = [_name(look, voice) for voice in voices if voice.stand in (Stand.WAITING, Stand.ASKED)]
    if look.terms and not look.poll:
        return ["the poll was not opened in time"]
    return [f"the poll was not over: no answer from {joined(waiting)} yet"] if waiting else []


def _silence(look: Look, voice: Voice) -> str:
    until = m.date(voice.until_at, "both") if voice.until_at else ""
    asked = look.directory.one_of(look.directory.named(voice.people)) or "nobody there could answer"
    return f"no answer from {_name(look, voice)} ({asked}) by {until}: silence is NO-GO"


def _name(look: Look, voice: Voice) -> str:
    return m.escape(look.directory.spoken_of(voice.role))
