"""Whatever somebody types, however long: each text is read in time that grows with it, and answered in a sentence."""

from __future__ import annotations

from functools import partial
from itertools import cycle
from typing import Any

import pytest

from callboard import app
from callboard.core.errors import Refused
from callboard.slack import requests
from callboard.slack.clients import Alone, Client
from callboard.slack.conversation import Conversation
from callboard.slack.dispatch import Dispatch
from callboard.slack.intents import understand
from callboard.slack.parser import Line
from callboard.slack.requests import LONGEST, Request
from tests.gates.company import PEOPLE, PLAN_WITH_GATES
from tests.steps import steps
from tests.texts import ODD_NUMBERS, PIECES, text
from tests.world import World

DATABASES = ("sqlite",)  # what is typed, and read before a database is
PLAN = (
    PLAN_WITH_GATES
    + """\
zones: [{team: omega, paths: ["/src/**"]}]
standups: [{name: Daily, at: "09:00", clock: person, who: [omega], window: 2h, questions: [Yesterday, Today, Blockers]}]
meetings: [{name: Planning, at: 2025-11-14 09:15, who: [all leads]}]
"""
)
FEW = 100
SAYS = f" characters, and I read up to {LONGEST:,}"


@pytest.fixture
async def world(database_url):
    async with World(database_url, PLAN, people=PEOPLE) as world:
        yield world


@pytest.mark.parametrize("word", app.routes().commands)
def test_requests_take_steps_that_grow_with_what_was_typed(word):
    command = app.routes().commands[word]
    own = list(app.routes().commands).index(word)
    for name, piece in list(PIECES.items())[own % 3 :: 3]:
        for verb in ("", next(iter(command.names), "")):
            short, long = (f"{verb} {text(piece, size)}".strip() for size in (FEW, 10 * FEW))
            assert steps(understand, command, long) <= 15 * steps(understand, command, short) + 500, (name, verb)


def test_requests_that_are_like_no_verb_take_few_steps():
    blocker = app.routes().commands["blocker"]
    understand(blocker, "mongo refuses TLS from host 6")
    assert steps(understand, blocker, "mongo refuses TLS from host 7") < 1_500


def test_requests_in_conversation_take_steps_that_grow_with_what_was_typed():
    routes = app.routes()
    talk = Conversation(routes.commands, lambda *_: False)
    for name, piece in PIECES.items():
        short, long = (Request(workspace="T", user="U", text=text(piece, size)) for size in (FEW, 10 * FEW))
        assert steps(talk.answer, long) <= 15 * steps(talk.answer, short) + 500, name


async def test_requests_that_are_too_long_are_not_read_after_any_slash_command(world):
    for (word, command), piece in zip(app.routes().commands.items(), list(PIECES.values()) * 2, strict=False):
        for verb in ("", next(iter(command.names), "")):
            rest = f"{verb} {text('x' + piece, 100_000)}".strip()[:100_000]
            answer = await world.says("pa", f"/{word} {rest}")
            assert SAYS in answer.text, (word, verb)
    assert not world.entries("blocker")


async def test_requests_that_are_too_long_are_not_read_in_any_form():
    dispatch: Any = partial(Dispatch, routes=app.routes(), is_plan_key=lambda *_: False, observe=lambda *_: None)
    nobody: Any = None
    clients = Alone(Client(nobody, nobody), nobody)
    dispatch = dispatch(db=None, api=None, clients=clients, once=None, errands=None)
    body = {"team": {"id": "T"}, "user": {"id": "U"}, "type": "view_submission"}
    state = {"type": "plain_text_input", "value": "a<" * 50_000}
    for kind, name in app.routes().interactions:
        if kind == "modal":
            view = {"id": "V", "callback_id": name, "state": {"values": {"what": {"value": state}}}}
            answer = await dispatch.submission(body | {"view": view})
            assert SAYS in answer["errors"]["what"], name


async def test_requests_that_are_too_long_are_not_read_in_a_direct_message(world):
    world.slack.say("pa", "dm", "mongo is down " * 800)
    await world.heard("message")
    world.dm("pa").expect("has 11,199 characters")


async def test_requests_just_short_enough_are_answered_by_every_verb(world):
    pieces = cycle(PIECES.values())
    for line in lines(world):
        answered(world, line, text(next(pieces), LONGEST - 40))
    await world.settled()


async def test_requests_with_odd_numbers_are_answered_by_every_verb(world):
    for place, line in enumerate(lines(world)):
        for number in ODD_NUMBERS[place % 3 :: 3]:
            answered(world, line, number)
    await world.settled()


def lines(world):
    """Every verb of every command."""
    for word, command in app.routes().commands.items():
        yield from ((word, name) for name in ("", *(verb.name for verb in command.verbs)))


def answered(world, line, rest):
    """What somebody types is run, and answered with words or a form."""
    (word, verb), routes = line, app.routes()
    typed = requests.command({
        "team_id": world.slack.spec.team_id, "user_id": "UOLGA", "command": f"/{word}", "text": f"{verb} {rest}",
        "channel_id": "C1", "trigger_id": f"{word}{verb}{rest}"[:200],
    })  # fmt: skip
    read = Line(routes.commands[word], typed, lambda *_: False, others=routes.commands)
    try:
        said = read.ahead() or world.app.db.transact(read.run)
    except Refused as refused:
        said = refused.sentence
    assert said, line
