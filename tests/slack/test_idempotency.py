"""The same thing delivered twice has one effect, and the same answer."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from callboard.core import timeline
from callboard.core.clock import SystemClock
from callboard.core.errors import Refused
from callboard.core.timeline import Subject
from callboard.core.traces import Spans
from callboard.slack import idempotency
from callboard.slack.answers import Done, Errors, Modal, Refusal, Say, Trouble
from callboard.slack.idempotency import Deed, Once


def written(said, answer=None):
    def run(tx):
        timeline.record(tx, 1, Subject("board", 1), "wrote", said=said)
        return answer or Say(f"wrote {said}")

    return run


def refused(_tx):
    raise Refused("Not while the curtain is up.")


def broken(_tx):
    raise RuntimeError("a fault of the program")


class Away:
    """A database that is away from the middle of a commit on."""

    spans = Spans()

    async def write(self, *_):
        raise OperationalError("COMMIT", {}, psycopg.OperationalError("the server closed the connection"))

    read = write


async def test_slack_idempotency_claims_nothing_of_a_command_whose_commit_nobody_could_see():
    answer = await Once(Away()).start(Deed(key="a", run=written("mongo")))  # type: ignore[arg-type]
    assert isinstance(answer, Trouble)
    assert "I can't tell whether that was done" in answer.text
    answer = await Once(Away()).start(Deed(key="a", run=written("mongo"), reads=True))  # type: ignore[arg-type]
    assert isinstance(answer, Trouble)
    assert "nothing was changed" in answer.text


class Full(Away):
    """One whose disk is full when it is tried again after a commit that nobody could see, and that is away then."""

    async def write(self, *_):
        raise OperationalError("INSERT", {}, psycopg.errors.DiskFull("could not extend file"))


class Taken(Away):
    """One that is tried again after a commit that nobody could see, finds it done, and is away then."""

    clock = SystemClock()
    tries = 0

    async def write(self, *_):
        self.tries += 1
        if self.tries == 1:
            raise Refused("You have it already.")
        await super().write()


@pytest.mark.parametrize("database", [Full, Taken])
async def test_slack_idempotency_claims_nothing_of_a_command_whose_last_try_failed_while_its_receipt_is_out_of_reach(
    database,
):
    answer = await Once(database()).start(Deed(key="a", run=written("mongo")))
    assert isinstance(answer, Trouble)
    assert "I can't tell whether that was done" in answer.text


async def test_slack_idempotency_does_a_command_delivered_again_once_and_answers_as_before(bot):
    await bot.sandbox.command("olga", "ops", "/board mongo")
    again = await bot.sandbox.courier.again()
    assert again.ok
    assert again.payload["text"] == "On the board: mongo"
    assert await bot.done() == ["mongo"]


async def test_slack_idempotency_refuses_a_refused_command_delivered_again_as_before(bot):
    await bot.sandbox.command("olga", "ops", "/board refuse")
    assert (await bot.sandbox.courier.again()).payload["text"].startswith("Not while the curtain is up")


async def test_slack_idempotency_does_a_click_delivered_again_once_and_a_second_click_too(bot):
    await bot.sandbox.command("olga", "ops", "/board buttons")
    shown = bot.sandbox.ephemerals("olga", "ops")[-1]
    await bot.sandbox.click("olga", "ops", shown.ts, "Press")
    await bot.sandbox.courier.again()
    assert await bot.done() == ["pressed"]
    await bot.sandbox.click("olga", "ops", shown.ts, "Press")
    assert await bot.done() == ["pressed", "pressed"]


async def test_slack_idempotency_does_a_submitted_form_delivered_again_once(bot):
    await bot.sandbox.command("olga", "ops", "/board form")
    await bot.sandbox.until(lambda: bot.sandbox.views("olga"))
    await bot.sandbox.submit("olga", {"What": "mongo"})
    assert (await bot.sandbox.courier.again()).ok
    assert await bot.done() == ["mongo"]


async def test_slack_idempotency_has_an_event_delivered_again_heard_once(bot):
    bot.sandbox.say("olga", "ops", "good morning")
    await bot.sandbox.until(lambda: bot.sandbox.record.of("ack"))
    await bot.sandbox.courier.again()
    assert await bot.done() == ["heard good morning"]


async def test_slack_idempotency_joins_a_repetition_with_what_is_being_done(db):
    deeds = Once(db)
    first, second = deeds.start(Deed(key="T1/1", run=written("a"))), deeds.start(Deed(key="T1/1", run=written("b")))
    assert await first == await second == Say("wrote a")
    await deeds.finish()


async def test_slack_idempotency_has_two_processes_with_the_same_request_do_it_once(db):
    deeds = [Once(db).start(Deed(key="T1/1", run=written(said))) for said in ("a", "b", "c")]
    answers = await asyncio.gather(*deeds)
    assert len(set(map(str, answers))) == 1
    history = await db.read(lambda tx: [entry.said for entry in timeline.history(tx, Subject("board", 1))])
    assert [Say(f"wrote {said}") for said in history] == answers[:1]


async def test_slack_idempotency_answers_a_repetition_that_would_fail_now_as_before(db):
    await Once(db).start(Deed(key="T1/1", run=written("a")))
    assert await Once(db).start(Deed(key="T1/1", run=refused)) == Say("wrote a")
    assert await Once(db).start(Deed(key="T1/1", run=broken)) == Say("wrote a")


async def test_slack_idempotency_refuses_a_repetition_of_what_was_refused(db):
    await Once(db).start(Deed(key="T1/1", run=refused))
    assert await Once(db).start(Deed(key="T1/1", run=written("a"))) == Refusal("Not while the curtain is up.")
    assert await db.read(lambda tx: timeline.history(tx, Subject("board", 1))) == []


async def test_slack_idempotency_keeps_no_receipt_of_a_refused_form_which_may_be_sent_again(db):
    assert await Once(db).start(Deed(key="T1/1", run=refused, reopens=True)) == Refusal("Not while the curtain is up.")
    assert await Once(db).start(Deed(key="T1/1", run=written("a"), reopens=True)) == Say("wrote a")


async def test_slack_idempotency_keeps_no_receipt_of_what_failed_which_may_be_tried_again(db):
    assert isinstance(await Once(db).start(Deed(key="T1/1", run=broken)), Trouble)
    assert await Once(db).start(Deed(key="T1/1", run=written("a"))) == Say("wrote a")


async def test_slack_idempotency_keeps_nothing_of_what_a_form_with_errors_wrote(db):
    errors = Errors({"what": "Say it in other words."})
    assert await Once(db).start(Deed(key="T1/1", run=written("a", errors))) == errors
    assert await db.read(lambda tx: timeline.history(tx, Subject("board", 1))) == []


async def test_slack_idempotency_keeps_no_receipt_of_a_verb_that_only_reads(db):
    await Once(db).start(Deed(key="T1/1", run=lambda _tx: Say("nothing new"), reads=True))
    assert await db.read(idempotency.kept, "T1/1") is None


async def test_slack_idempotency_ends_what_was_begun_though_nobody_waits_for_it(db):
    deeds = Once(db)
    task = deeds.start(Deed(key="T1/1", run=written("a")))
    waiter = asyncio.create_task(asyncio.wait({task}))
    await asyncio.sleep(0)
    waiter.cancel()
    await deeds.finish()
    assert task.result() == Say("wrote a")


@pytest.mark.parametrize(
    "answer",
    [
        Say("words"), Say("words", [{"type": "divider"}], everyone=True), Modal({"type": "modal"}), Done(),
        Errors({"what": "why"}), Refusal("no", [{"type": "divider"}]),
    ],
)  # fmt: skip
def test_slack_idempotency_reads_an_answer_from_its_receipt_as_it_was_written(answer):
    assert idempotency.unpacked(idempotency.packed(answer)) == answer


async def test_slack_idempotency_deletes_receipts_after_a_day(db):
    await Once(db).start(Deed(key="T1/1", run=written("a")))
    for hours, left in ((23, True), (2, False)):
        db.clock.advance(timedelta(hours=hours))
        await db.write(idempotency.OLD_RECEIPTS.run)
        assert (await db.read(idempotency.kept, "T1/1") is not None) is left
