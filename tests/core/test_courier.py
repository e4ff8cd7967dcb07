"""The outbox and the courier: what is sent, in which order, how often, and what is not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from callboard.core import outbox, timeline
from callboard.core.clock import ManualClock
from callboard.core.courier import Courier, claims, outcomes
from callboard.core.courier.carrier import Accepted, Final, Later, Lost, Passing, Unseen
from callboard.core.db import Database
from callboard.core.outbox import Drop, Fold, Message, Post, Priority, addresses
from callboard.core.registry import Bus
from callboard.core.timeline import Subject
from tests.growth.statements import asked

ABOUT = Subject("thing", 1)


class Letterbox:
    """A medium of our own, with a place where everything that arrived can be seen."""

    def __init__(self):
        self.arrived = []
        self.answers = []
        self.looked_up = 0

    async def post(self, delivery, message, thread):
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception) and not isinstance(answer, Lost):
            raise answer
        self.arrived.append((delivery.address, message.text, thread))
        if isinstance(answer, Lost):
            raise answer
        return Accepted(delivery.address, f"ts-{len(self.arrived)}")

    async def edit(self, delivery, message):
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        self.arrived.append((delivery.posted_as, message.text, "edit"))
        return Accepted(delivery.posted_in, delivery.posted_as)

    async def find(self, delivery):
        self.looked_up += 1
        for number, (address, text, _) in enumerate(self.arrived, 1):
            if address == delivery.address and text.startswith(delivery.key):
                return Accepted(address, f"ts-{number}")
        return None


class Crowded(Letterbox):
    """A medium that takes some messages a second from all together, and does not say so."""

    def __init__(self, clock, a_second):
        super().__init__()
        self.clock, self.a_second, self.asked, self.taken = clock, a_second, 0, {}

    async def post(self, delivery, message, thread):
        self.asked += 1
        now = self.clock.now()
        if self.taken.get(now, 0) == self.a_second:
            raise Later(1)
        self.taken[now] = self.taken.get(now, 0) + 1
        return await super().post(delivery, message, thread)


class Office:
    """A courier, its letterbox, and what renderers say at the moment."""

    def __init__(self, db, clock):
        self.db, self.clock, self.box = db, clock, Letterbox()
        self.words = ""
        self.dropped = None
        self.courier = Courier(db, {"slack": self.box}, {"note": self.render})

    def render(self, _tx, delivery):
        return Drop(self.dropped) if self.dropped else Message(f"{delivery.key}{self.words}")

    def put(self, *keys, address="C1", **more):
        posts = [
            Post(
                **{
                    "key": key,
                    "plan_id": 1,
                    "workspace": "T1",
                    "address": address,
                    "kind": "note",
                    "subject": ABOUT,
                    **more,
                }
            )
            for key in keys
        ]
        self.db.transact(outbox.enqueue, posts)

    def row(self, key):
        rows = self.db.transact(outbox.about, ABOUT)
        return next(row for row in rows if row.key == key)

    async def pass_time(self, seconds=0.0):
        self.clock.advance(timedelta(seconds=seconds))
        await self.courier.drain()

    @property
    def texts(self):
        return [text for _, text, _ in self.box.arrived]


@pytest.fixture
def office(db, clock):
    return Office(db, clock)


async def test_the_outbox_keeps_two_messages_with_one_key_as_one(office):
    office.put("a")
    office.put("a")
    await office.pass_time()
    await office.pass_time(60)
    assert office.texts == ["a"]


async def test_the_courier_never_folds_what_may_have_been_posted(office):
    office.box.answers = [Lost("no answer")]
    office.put("a", folds=True)
    await office.pass_time()
    office.db.registry.put(outbox.BUDGET, lambda _tx, _delivery: Fold("enough for today"))
    office.put("b", folds=True)
    await office.pass_time(20)
    await office.pass_time(20)
    assert (office.row("a").state, office.row("b").state) == ("sent", "folded")
    assert office.texts == ["a"]


class Mailbox(Letterbox):
    """A medium that nobody can look into."""

    async def find(self, delivery):
        raise Unseen(delivery.address)

    async def post(self, delivery, message, thread):
        return await super().post(delivery, replace(message, text=f"{message.text}{message.may_repeat}"), thread)


async def test_the_outcome_nobody_can_look_up_is_repeated_a_few_times_as_what_may_be_a_repeat(office):
    heard = []
    office.db.bus.subscribe(outbox.DeliveriesParked, lambda _tx, event: heard.extend(event.deliveries))
    office.box = box = Mailbox()
    office.courier = Courier(office.db, {"apprise": box}, {"note": office.render})
    box.answers = [Lost("mail: no answer in time")] * 4
    office.put("page:a", medium="apprise", priority=Priority.PAGE, recipient="olga")
    tries = []
    for _ in range(60):
        await office.pass_time(15)
        tries.append(len(box.arrived))
    assert [tries.index(number) * 15 for number in (1, 2, 3, 4)] == [0, 60, 180, 420]
    assert [text for _, text, _ in box.arrived] == ["page:aFalse", "page:aTrue", "page:aTrue", "page:aTrue"]
    row = office.row("page:a")
    assert (row.state, row.error, [each.key for each in heard]) == ("parked", "mail: no answer in time", ["page:a"])
    assert row.doubtful_since is not None


async def test_the_outbox_drops_a_page_that_the_other_media_have_taken(office):
    office.box.answers = [Passing("away")] * 40
    office.put("page:a", priority=Priority.PAGE, recipient="olga")
    for _ in range(20):
        await office.pass_time(5)
    office.db.transact(outcomes.fall_back, [office.row("page:a").id])
    office.put(f"page:a{outbox.OTHERWISE}", medium="apprise", priority=Priority.PAGE, recipient="olga")
    office.courier = Courier(office.db, {"slack": office.box, "apprise": Letterbox()}, {"note": office.render})
    await office.pass_time()
    await office.pass_time(10)
    assert (office.row("page:a").state, office.texts) == ("dropped", [])


async def test_the_courier_asks_once_for_what_all_the_messages_that_it_takes_show(office):
    def render(tx, delivery):
        assert outbox.troubled(tx, delivery.subject) == []
        return Message(f"{len(outbox.pages(tx, delivery.subject))} page about {delivery.subject.id}")

    def ahead(tx, numbers):
        outbox.read_ahead(tx, "thing", numbers)

    office.put("card")
    await office.pass_time()
    office.courier = Courier(office.db, {"slack": office.box}, {"note": render}, aheads={"note": ahead})
    for number in range(15):
        about = {"subject": Subject("thing", number), "parent_key": "card"}
        office.put(f"page:{number}", address=f"U{number:02}", **about)
    seen: list[str] = []
    event.listen(office.db._reader, "before_cursor_execute", lambda _c, _k, sql, *_: seen.append(sql))
    await office.pass_time()
    assert sorted(office.texts[1:]) == sorted(f"1 page about {number}" for number in range(15))
    questions = ("deliveries.subject_id, deliveries.kind", "deliveries.subject_id, deliveries.recip", "deliveries.key")
    assert [sum(sql.replace('"', "").startswith(f"SELECT {start}") for sql in seen) for start in questions] == [1] * 3


def test_the_outbox_knows_the_pages_about_a_subject_without_writing_those_that_wait_for_the_end(db):
    def page(tx, key, who):
        outbox.enqueue(tx, [Post(key=key, plan_id=1, workspace="T1", address=who, kind="note", subject=ABOUT)])

    def story(tx):
        page(tx, "page:1", "U1")
        tx.flush()
        with asked(db) as found:
            page(tx, "page:1", "U9")  # there already
            page(tx, "page:2", "U2")
            with tx.part("") as part:
                page(part, "page:3", "U3")
                page(part, "card", "C1")
                assert [each.address for each in outbox.pages(part, ABOUT)] == ["U1", "U2", "U3"]
        return len(found)

    assert db.transact(story) == 1
    assert [each.address for each in db.transact(outbox.pages, ABOUT)] == ["U1", "U2", "U3"]


async def test_courier_claims_take_the_most_urgent_message_of_a_channel_first(office):
    office.put("digest", priority=Priority.DIGEST)
    office.put("update", priority=Priority.UPDATE)
    office.put("page", priority=Priority.PAGE)
    for _ in range(5):
        await office.pass_time(1)
    assert office.texts == ["page", "update", "digest"]


async def test_courier_claims_give_a_channel_a_short_burst_and_then_one_message_a_second(office):
    office.put(*(f"m{n:02}" for n in range(10)))
    await office.pass_time()
    assert len(office.texts) == 3
    for second in range(1, 8):
        await office.pass_time(1)
        assert len(office.texts) == 3 + second


async def test_courier_claims_for_two_channels_do_not_wait_for_each_other(office):
    office.box.answers = [Later(60)]
    office.put("a", address="C1")
    await office.pass_time()
    office.put("b", address="C2")
    await office.pass_time()
    assert office.texts == ["b"]
    await office.pass_time(59)
    assert office.texts == ["b"]
    await office.pass_time(1)
    assert office.texts == ["b", "a"]


async def test_the_outcome_of_two_delayed_messages_holds_up_other_channels_for_a_moment_only(office):
    office.box.answers = [Later(600), Later(600)]
    office.put("a", address="C1")
    office.put("b", address="C2")
    await office.pass_time()
    office.put("c", address="C3")
    await office.pass_time(2)
    assert office.texts == ["c"]


async def test_the_courier_sends_less_at_once_to_a_crowded_medium(office, clock):
    office.box = Crowded(clock, a_second=10)
    office.courier = Courier(office.db, {"slack": office.box}, {"note": office.render})
    for number in range(200):
        office.put(f"prompt {number:03}", address=f"U{number}", priority=Priority.PROMPT)
    await office.pass_time()
    office.put("page", address="U200", priority=Priority.PAGE)
    await office.pass_time(1)
    assert "page" in office.texts
    while len(office.texts) < 201:
        await office.pass_time(1)
    assert len(office.box.taken) == 21
    assert office.box.asked < 2 * 201


async def test_courier_claims_reach_past_any_number_of_messages_in_busy_channels(office):
    for channel in ("C1", "C2"):
        office.put(*(f"{channel} {n:03}" for n in range(claims.AHEAD)), address=channel, priority=Priority.PAGE)
    await office.pass_time()
    office.box.arrived.clear()
    office.put("card", "update", address="C3")
    office.put("line", address="C4", parent_key="C2 199")
    await office.pass_time()
    assert office.texts == ["card", "update"]
    await office.pass_time(1)
    assert sorted(office.texts[2:]) == ["C1 003", "C2 003"]


async def test_the_outcome_of_a_delayed_message_says_until_when(office):
    office.box.answers = [Later(60)]
    office.put("a")
    await office.pass_time()
    assert office.row("a").delayed_until == office.clock.now() + timedelta(seconds=60)


async def test_the_courier_looks_up_a_message_whose_answer_was_lost_and_does_not_send_it_again(office):
    office.box.answers = [Lost("connection reset")]
    office.put("a")
    await office.pass_time()
    await office.pass_time(5)
    assert office.texts == ["a"]
    assert office.box.looked_up == 1
    assert office.row("a").state == "sent"


async def test_the_courier_sends_a_message_that_was_not_accepted_again_without_looking_it_up(office):
    office.box.answers = [Passing("503")]
    office.put("a")
    await office.pass_time()
    await office.pass_time(5)
    assert office.texts == ["a"]
    assert office.box.looked_up == 0


async def test_a_courier_claim_of_a_replica_that_died_lapses_and_the_message_is_sent(office):
    office.put("a")
    taken = office.db.transact(claims.claim, claims.Room({"slack": 10}, {}))
    assert len(taken) == 1
    await office.pass_time(14)
    assert office.texts == []
    await office.pass_time(2)
    assert office.texts == ["a"]


async def test_the_courier_repeats_nothing_that_a_replica_sent_before_it_died(office):
    office.put("a")
    (taken,) = office.db.transact(claims.claim, claims.Room({"slack": 10}, {}))
    await office.box.post(taken, Message("a"), None)
    await office.pass_time(16)
    assert office.texts == ["a"]
    assert office.row("a").state == "sent"


async def test_courier_claims_take_homes_together_again_that_were_taken_together_however_long_each_took(office):
    for user in ("U1", "U2"):
        office.put(user, address=user, medium="home", editable=True)
    for taken in office.db.transact(claims.claim, claims.Room({"home": 10}, {})):
        office.clock.advance(timedelta(seconds=2.4))
        office.db.transact(outcomes.accepted, taken, posted_in=taken.address, posted_as="1", shown="old")
    office.db.transact(outbox.touch, "thing", [1])
    office.clock.advance(timedelta(seconds=0.1))
    assert office.db.transact(claims.claim, claims.Room({"home": 10}, {})) == []
    office.clock.advance(timedelta(seconds=0.1))
    assert len(office.db.transact(claims.claim, claims.Room({"home": 10}, {}))) == 2


async def test_an_outcome_that_a_replica_reports_too_late_settles_nothing(office):
    office.put("a")
    (taken,) = office.db.transact(claims.claim, claims.Room({"slack": 10}, {}))
    await office.pass_time(16)
    office.db.transact(outcomes.park, taken, "too late to say so")
    assert office.row("a").state == "sent"


async def test_the_outcome_of_a_message_no_longer_true_is_that_it_is_dropped_and_says_why(office):
    office.put("a")
    office.dropped = "it was resolved"
    await office.pass_time()
    assert office.texts == []
    (entry,) = office.db.transact(timeline.history, ABOUT)
    assert (entry.verb, entry.facts["reason"]) == ("dropped a message", "it was resolved")


async def test_many_touches_of_a_message_in_the_outbox_make_one_edit_with_the_latest_state(office):
    office.put("a", editable=True)
    await office.pass_time()
    for number in range(5):
        office.words = f" {number}"
        office.db.transact(outbox.touch, "thing", [1])
    await office.pass_time(1)
    assert office.texts == ["a", "a 4"]


async def test_the_courier_makes_no_edit_that_would_show_the_same(office):
    office.put("a", editable=True)
    await office.pass_time()
    office.db.transact(outbox.touch, "thing", [1])
    await office.pass_time(1)
    assert office.texts == ["a"]
    assert office.row("a").state == "sent"


async def test_the_outcome_of_a_message_touched_while_it_was_sent_is_an_edit_afterwards(office):
    office.put("a", editable=True)
    (taken,) = office.db.transact(claims.claim, claims.Room({"slack": 10}, {}))
    office.words = " changed"
    office.db.transact(outbox.touch, "thing", [1])
    office.db.transact(outcomes.accepted, taken, posted_in="C1", posted_as="ts-0", shown="old")
    await office.pass_time(1)
    assert office.texts == ["a changed"]


async def test_courier_claims_take_a_reply_only_after_the_message_it_replies_to(office):
    office.box.answers = [Later(30)]
    office.put("card")
    office.put("reply", parent_key="card")
    await office.pass_time()
    await office.pass_time(29)
    assert office.texts == []
    await office.pass_time(1)
    assert office.box.arrived == [("C1", "card", None), ("C1", "reply", ("C1", "ts-1"))]


async def test_courier_claims_let_a_reply_go_whose_message_is_parked_and_drop_one_whose_message_was_dropped(office):
    office.box.answers = [Final("no_text")]
    office.put("parked", priority=Priority.PAGE)
    office.put("beside it", parent_key="parked")
    office.put("to nobody", parent_key="gone", address="C2")
    await office.pass_time()
    assert sorted(office.texts) == ["beside it", "to nobody"]
    office.dropped = "it was resolved"
    office.put("dropped")
    await office.pass_time(2)
    office.dropped = None
    office.put("after it", parent_key="dropped")
    await office.pass_time(2)
    assert (office.row("after it").state, len(office.texts)) == ("dropped", 2)


async def test_the_outbox_unparks_a_message_of_a_channel_that_takes_messages_again(office):
    office.box.answers = [Final("not_in_channel")]
    office.put("a")
    await office.pass_time()
    await office.pass_time(3600)
    assert (office.row("a").state, office.row("a").error) == ("parked", "not_in_channel")
    assert office.db.transact(addresses.unpark, "T1", ["C1"]) == 1
    await office.pass_time()
    assert office.texts == ["a"]


async def test_the_outcome_of_a_page_that_is_not_accepted_for_a_minute_is_one_fall_back(office):
    told: list[str] = []
    office.db.bus.subscribe(outbox.PagesUnaccepted, lambda _tx, event: told.extend(d.key for d in event.deliveries))
    office.box.answers = [Later(300)]
    office.put("page", priority=Priority.PAGE, recipient="pa")
    await office.pass_time()
    for seconds, expected in ((59, []), (1, ["page"]), (60, ["page"])):
        await office.pass_time(seconds)
        office.db.transact(lambda tx: outcomes.fall_back(tx, outcomes.UNACCEPTED.claim(tx, 100)))
        assert told == expected


async def test_the_courier_parks_a_message_whose_renderer_breaks_and_holds_up_no_other(office):
    def broken(_tx, _delivery):
        raise ZeroDivisionError

    office.courier = Courier(office.db, {"slack": office.box}, {"note": office.render, "broken": broken})
    post = Post(key="x", plan_id=1, workspace="T1", address="C1", kind="broken", subject=ABOUT, priority=Priority.PAGE)
    office.db.transact(outbox.enqueue, [post])
    office.put("a")
    await office.pass_time()
    assert office.texts == ["a"]
    assert "ZeroDivisionError" in office.row("x").error


def test_a_message_of_the_outbox_is_plain_words_for_a_medium_without_blocks():
    message = Message("*Mongo* is down", [{"type": "divider"}], plain="Mongo is down")
    assert message.shown_by("slack") == message
    assert message.shown_by("apprise") == Message("Mongo is down", plain="Mongo is down")
    assert Message("words").shown_by("apprise").text == "words"


async def test_the_courier_sends_nothing_when_most_of_its_claim_has_passed_and_tries_again(office):
    def slow(_tx, delivery):
        if delivery.attempts == 1:
            office.clock.advance(timedelta(seconds=5))
        return Message(delivery.key)

    office.courier = Courier(office.db, {"slack": office.box}, {"note": slow})
    office.put("a")
    await office.courier.start_ready()
    await office.courier.drain()
    assert office.row("a").error == "this process was held up for too long to send safely"
    await office.pass_time(60)
    assert office.texts == ["a"]


class HeldUp(Database):
    """Is stopped by the system for a minute while the answer to what it wrote is on its way, when that is wanted."""

    clock: ManualClock
    wanted = False

    async def write_behind(self, patience, verb, *args, **kwargs):
        done = await super().write_behind(patience, verb, *args, **kwargs)
        if self.wanted:
            self.wanted = False
            self.clock.advance(timedelta(minutes=1))
        return done


async def test_the_courier_sends_nothing_by_a_claim_that_was_over_when_it_heard_of_it(db, database_url, clock):
    stopped = HeldUp(database_url, clock, Bus())
    stopped.registry = db.registry
    office = Office(stopped, clock)
    office.put("a")
    stopped.wanted = True
    await office.courier.start_ready()
    await asyncio.gather(*office.courier._under_way)
    assert office.texts == []
    other = Office(db, clock)
    await other.pass_time(60)
    assert other.texts == ["a"]
    stopped.close()
