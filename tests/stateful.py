"""What the state machines of hypothesis act in: a plan in a database of its own, and a clock that moves when told."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from typing import ClassVar

from hypothesis.stateful import RuleBasedStateMachine

from callboard.app import CAPABILITIES, database, sections
from callboard.core.clock import ManualClock
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.plans import service as plans
from callboard.settings import Settings
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from tests.fixtures import OnePostgres
from tests.world import MORNING


class Machine(RuleBasedStateMachine):
    """Services, called as people call them; what comes due of its `capabilities` is done when it is told to.

    `begun` is the address of a database that nothing has happened in yet but the first apply.
    """

    begun: ClassVar[Callable[[], str]]
    capabilities: ClassVar[tuple[str, ...]]

    def __init__(self):
        super().__init__()
        self.clock = ManualClock(MORNING)
        self.db = database(Settings(database_url=type(self).begun()), self.clock)

    def teardown(self):
        self.db.close()

    def does(self, verb, *args, by="", **more):
        """Whether it was possible."""

        def run(tx):
            asker = (Asker(teams.directory(tx, 1), teams.directory(tx, 1).people[by]),) if by else ()
            verb(tx, *asker, *args, **more)

        try:
            self.db.transact(run)
        except Refused:
            return False
        return True

    @classmethod
    def comes_due(cls, tx):
        for capability in CAPABILITIES:
            for work in capability.due if capability.name in cls.capabilities else ():
                if ids := work.claim(tx, 200):
                    work.handle(tx, ids)


def applied(url: str, text: str, then: Callable[[Tx], object] = lambda _: None) -> str:
    """The same database, with this plan in it, and with what was done next."""
    db = database(Settings(database_url=url), ManualClock(MORNING))
    checked = plans.check(text, "plan.yml", sections())
    assert not checked.errors, checked.errors
    db.transact(plans.apply, checked, author="test")
    db.transact(then)
    db.close()
    return url


def anew(database: OnePostgres, prepared: Callable[[str], str]) -> Callable[[], str]:
    """The same database of a server each time, emptied and prepared again."""

    def begun() -> str:
        database.empty()
        return prepared(database.url)

    return begun


def copies(url: str) -> Callable[[], str]:
    """Another copy of a database in a file each time."""
    path, numbers = url.removeprefix("sqlite:///"), itertools.count()
    return lambda: f"sqlite:///{shutil.copy(path, f'{path}.{next(numbers)}')}"
