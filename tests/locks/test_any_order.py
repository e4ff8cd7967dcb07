"""Locks, whatever people and git do in whatever order: the same as in a plain list."""

from __future__ import annotations

import shutil
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from callboard.branches import store as branches
from callboard.branches.models import MirrorFiles
from callboard.core.errors import Refused
from callboard.locks import evidence, lfs, pushes, service, store
from callboard.locks.models import LIVE
from callboard.locks.pushes import Push, Touched
from callboard.locks.targets import Known, Wish, read
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from tests.locks.book import KEEPING, MEANS, TEAMS, Book, X, Y
from tests.locks.conftest import FILES
from tests.stateful import Machine, anew, applied, copies

WORDS = st.sampled_from(sorted(MEANS))
PEOPLE = st.sampled_from(sorted(TEAMS))
PLACES = st.integers(0, 6)
"""Which of the locks that stand; 0 is one that does not."""
SPANS = st.sampled_from([timedelta(minutes=10), timedelta(hours=2), timedelta(days=40)])
MIRRORED = sorted({atom.partition("#")[0] for atoms in MEANS.values() for atom in atoms} - {"staging"})
FILE_NAMES = st.sampled_from([*MIRRORED, "SRC/API/X.PY", "./web//d.css"])
KNOWN = Known(files=lambda _: MIRRORED)


class Table(Machine):
    """Two teams, a coordinator and somebody who only follows, in Slack and by git."""

    capabilities = ("locks",)

    def __init__(self):
        super().__init__()
        self.book = Book()

    def number(self, place):
        locks = self.book.locks
        return locks[place % len(locks)].number if locks and place else 99

    def same(self, possible, done):
        """The real table was as willing as the plain one; whether it is as full is seen after each step."""
        assert possible == done

    @rule(who=PEOPLE, words=st.lists(WORDS, min_size=1, max_size=2, unique=True), wait=st.booleans(),
          span=SPANS.filter(lambda span: span.days < 30), named=st.booleans())  # fmt: skip
    def locks(self, who, words, wait, span, named):
        now = self.clock.now()
        until = now + span if named else None
        wish = Wish(tuple(read(word, KNOWN) for word in words), "a fix", span=None if named else span, until=until)
        possible = self.book.acquire(who, words, span, until, now, wait=wait)
        self.same(possible, self.does(service.acquire, wish, wait=wait, by=who))

    @rule(last=st.sampled_from([X, Y, "src/**"]), place=PLACES)
    def line_up(self, last, place):
        """Two have parts of what a third waits for, and a fourth behind them; then one of them gives theirs back."""
        for who, word in (("pa", X), ("olga", Y), ("pb", "src/api/**"), ("amp", last)):
            self.locks(who, [word], wait=True, span=timedelta(hours=2), named=False)
        self.is_released(place)

    @rule(who=PEOPLE, path=FILE_NAMES)
    def locks_by_git(self, who, path):
        """The usual time is that of the plan."""
        wanted = path.removeprefix("./").replace("//", "/").casefold()
        plain = next(each for each in MIRRORED if each.casefold() == wanted)
        now, found = self.clock.now(), self.asks_git(lfs.lock, who, {"path": path})
        possible = self.book.acquire(who, [plain], timedelta(hours=8), None, now, wait=False)
        if found == lfs.TAKEN:  # an answer like any other: what was late is over
            self.book.settle(now)
        held = possible and self.book.locks[-1].state == "held"
        self.same(held, found == lfs.MADE)

    @rule(who=PEOPLE, place=PLACES, force=st.booleans())
    def unlocks_by_git(self, who, place, force):
        """Git ends what is one file and nothing else."""
        number = self.number(place)
        now = self.clock.now()
        alone = number in self.keeping() and self.is_alone(number)
        found = self.asks_git(lfs.unlock, who, {"id": str(number), "force": force})
        possible = alone and self.book.release(who, number, now)
        possible = possible or (alone and force and self.book.break_open(who, number, now))
        self.same(possible, found == lfs.OK)

    @rule(who=PEOPLE, place=PLACES)
    def takes(self, who, place):
        number = self.number(place)
        self.same(self.book.take(who, number, self.clock.now()), self.does(service.take, number, by=who))

    @rule(who=PEOPLE, place=PLACES)
    def releases(self, who, place):
        number = self.number(place)
        self.same(self.book.release(who, number, self.clock.now()), self.does(service.release, number, by=who))

    @rule(place=PLACES)
    def is_released(self, place):
        """By whoever has it: what is free now is offered at once."""
        number = self.number(place)
        lock = self.book.live(number, self.clock.now())
        if lock:
            self.releases(lock.who, place)

    @rule(place=PLACES, span=SPANS)
    def is_renewed(self, place, span):
        number = self.number(place)
        lock = self.book.live(number, self.clock.now())
        if lock:
            possible = self.book.renew(lock.who, number, span, self.clock.now())
            self.same(possible, self.does(service.renew, number, span, by=lock.who))

    @rule(who=PEOPLE, place=PLACES, to=PEOPLE)
    def hands_over(self, who, place, to):
        number = self.number(place)

        def hand(tx, asker):
            service.hand_over(tx, asker, number, asker.directory.people[to])

        self.same(self.book.hand(who, number, to, self.clock.now()), self.does(hand, by=who))

    @rule(who=PEOPLE, place=PLACES)
    def breaks(self, who, place):
        number = self.number(place)
        possible = self.book.break_open(who, number, self.clock.now())
        self.same(possible, self.does(service.break_open, number, "it is late", by=who))

    @rule(who=PEOPLE, place=PLACES, agrees=st.booleans())
    def answers(self, who, place, agrees):
        number = self.number(place)
        verb = service.agree if agrees else service.decline
        possible = self.book.answer(who, number, self.clock.now(), agrees=agrees)
        self.same(possible, self.does(verb, number, by=who))

    @rule(minutes=st.sampled_from([1, 10, 15, 120, 480]), ticks=st.booleans())
    def time_passes(self, minutes, ticks):
        """Sometimes somebody is quicker than the tick."""
        self.clock.advance(timedelta(minutes=minutes))
        if ticks:
            self.db.transact(self.comes_due)
            self.book.settle(self.clock.now())

    @rule(who=PEOPLE, path=st.sampled_from(MIRRORED))
    def pushes(self, who, path):
        """A push is stopped by what another keeps, and by nothing that is over."""
        found = self.db.transact(pushes.judge, 1, Push("harbor", "x", (who,), (Touched(path, "file"),)))
        own = {lock.number for lock in self.book.locks if lock.who == found.person}
        kept = {number: {atom.partition("#")[0] for atom in atoms} for number, atoms in self.keeping().items()}
        others = {number for number, files in kept.items() if path in files} - own
        assert {refusal.lock for refusal in found.refused if refusal.lock} == set(sorted(others)[:1])

    @invariant()
    def is_as_in_the_book(self):
        self.db.transact(self.compares)

    def compares(self, tx):
        real = store.live(tx, 1, LIVE)
        ends = {lock.number: lock.offered_until if lock.state == "offered" else lock.expires_at for lock in real}
        found = {lock.number: (str(lock.state), lock.holder, ends[lock.number]) for lock in real}
        waiting = {number: (*row[:2], None) for number, row in found.items() if row[0] == "waiting"}
        assert found | waiting == self.book.table()
        now = tx.now
        kept = [lock for lock in self.book.locks if lock.state in KEEPING and lock.until and lock.until > now]
        for place, mine in enumerate(kept):
            assert not any(mine.atoms & other.atoms for other in kept[place + 1 :]), "two keep the same"
        self.compares_git(tx)

    def compares_git(self, tx):
        """What git-lfs is told is locked: file by file, whose, and nothing that is over."""
        directory = teams.directory(tx, 1)
        reply = lfs.verify(tx, Asker(directory, directory.people["pa"]), "", {"cursor": "9999999/"})
        told = {(row["id"].partition(".")[0], row["path"]) for row in (*reply.body["ours"], *reply.body["theirs"])}
        files = {(str(number), atom.partition("#")[0]) for number, atoms in self.keeping().items() for atom in atoms}
        mine = {lock.number for lock in self.book.locks if lock.who == "pa"}
        asked = {number for number in mine if self.book.live(number, tx.now) and self.state(number) != "held"}
        assert told == {(number, path) for number, path in files if path != "staging" and int(number) not in asked}
        assert {int(row["id"].partition(".")[0]) for row in reply.body["ours"]} <= mine

    def keeping(self):
        now = self.clock.now()
        return {
            lock.number: lock.atoms for lock in self.book.locks
            if lock.state in KEEPING and lock.until and lock.until > now
        }  # fmt: skip

    def state(self, number):
        return next(lock.state for lock in self.book.locks if lock.number == number)

    def is_alone(self, number):
        targets = self.db.transact(lambda tx: store.targets(tx, [number])[number])
        return len(targets) == 1 and targets[0].is_one_file

    def asks_git(self, verb, who, body):
        """The status that git gets."""

        def run(tx):
            directory = teams.directory(tx, 1)
            return verb(tx, Asker(directory, directory.people[who]), "", body).status

        try:
            return self.db.transact(run)
        except Refused:
            return lfs.FORBIDDEN

    def teardown(self):
        try:
            assert list(self.db.transact(lambda tx: list(evidence.differences(tx, 1)))) == []
        finally:
            super().teardown()


def prepared(url):
    """Nothing is locked, and a scan has seen the repository."""

    def seen(tx):
        row = branches.mirrors(tx, 1)[0]
        row.fetched_at = tx.now
        tx.session.add_all([row, MirrorFiles(mirror_id=row.number, paths=MIRRORED)])

    return applied(url, FILES, seen)


def begins(url):
    Table.begun = copies(prepared(url))
    return Table


def test_the_lock_table_is_that_of_a_plain_list_whatever_people_and_git_do(sqlite_template, tmp_path):
    table = begins(f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}")
    run_state_machine_as_test(table, settings=settings(max_examples=8, stateful_step_count=25))


def test_the_lock_table_is_that_of_a_plain_list_on_postgresql_as_well(postgres_database):
    Table.begun = anew(postgres_database, prepared)
    run_state_machine_as_test(Table, settings=settings(max_examples=2, stateful_step_count=20))
    postgres_database.empty()
