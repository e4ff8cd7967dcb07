"""The gallery holds an example of whatever Callboard can show; what is new and has none fails here."""

from __future__ import annotations

import json
import re
import shlex
from collections import defaultdict
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import typer.main

import slack_standin as sandbox
from callboard import gallery
from callboard.app import CAPABILITIES, renderers, routes, sections
from callboard.cli.main import main
from callboard.core.errors import Refused
from callboard.gallery.stage import Stage
from callboard.planfile.check import plain
from callboard.slack.answers import Errors
from callboard.slack.requests import Request
from callboard.teams import service as teams
from slack_standin import limits
from slack_standin.block_check import characters, check_blocks
from slack_standin.methods.views import check_view
from tests.contract import published

NEEDED = {
    "blocker.raise": {"severity"}, "gate.reject": {"reason"}, "gate.go_if": {"condition", "owner"},
    "task.block": {"severity"},
}  # fmt: skip
"""What is asked for because others read it, although nothing would break without."""
EITHER = {"plan.hand_in": {"file", "text"}, "retro.answer": {"q0", "q1", "q2"}}
"""Of which one is needed, as the form says."""
HANDED_IN = {"text": gallery.written().replace("estimate: 2h-4h", "estimate: 3h-4h"), "span": "20m"}
"""What is typed where not anything will do, by block."""


@cache
def shown():
    return [screen for found in gallery.screens().values() for screen in found]


def test_the_gallery_shows_every_kind_of_message():
    missing = set(renderers()) - {screen.id for screen in shown()}
    assert not missing, f"have their stories in gallery/ send {missing}"


def test_the_gallery_shows_every_form():
    forms = {one.id for capability in CAPABILITIES for one in capability.interactions if one.kind == "modal"}
    missing = forms - {screen.id for screen in shown() if screen.view}
    assert not missing, f"show {missing} in gallery/"


def test_the_gallery_shows_every_home():
    heard = [one.name for one in CAPABILITIES if any(hears.event == "app_home_opened" for hears in one.hears)]
    homes = [screen for screen in shown() if screen.view and screen.view["type"] == "home"]
    assert bool(homes) or not heard, f"{heard} show a Home: yield it in their file in gallery/"


def test_the_gallery_shows_only_what_slack_takes():
    for screen in shown():
        assert objections(screen) == [], screen.title


def objections(screen):
    """What Slack's published rules and the stand-in have against a screen."""
    if screen.view:
        found = published.check_call("views.open", {"view": screen.view, "trigger_id": "1"}) + check_view(screen.view)
        size = len(json.dumps(screen.view).encode())
        return found + [f"{size} bytes"] * (size > limits.VIEW_BYTES)
    message = {"channel": "C1", "text": screen.text}
    found = published.check_call(
        "chat.postMessage", message | ({"blocks": list(screen.blocks)} if screen.blocks else {})
    )
    found += [f"{each} characters" for each in [characters(list(screen.blocks))] if each > limits.MESSAGE_TEXT]
    return found + check_blocks(list(screen.blocks))


def test_every_screen_of_the_gallery_shows_something():
    assert [screen.title for screen in shown() if not (screen.text or screen.view)] == []


def test_every_command_line_that_the_gallery_offers_is_one_that_there_is():
    offered = {line for screen in shown() for line in re.findall(r"`callboard ([^`]+)`", json.dumps(asdict(screen)))}
    assert len(offered) > 3
    assert {line: wrong for line in offered if (wrong := what_is_wrong_with(line))} == {}


def what_is_wrong_with(line):
    """Why the command line would not take a line; words in it stand for what somebody fills in."""
    command: Any = typer.main.get_command(main)
    words = shlex.split(line)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    parser = command.make_parser(command.make_context("callboard", [], resilient_parsing=True))
    try:
        given, left, _ = parser.parse_args(words)
    except Exception as error:  # noqa: BLE001 - the parser's own kinds are not for others
        return str(error)
    missing = [each.name for each in command.params if each.required and given.get(each.name) in (None, ())]
    return [*left, *missing, *([line] if hasattr(command, "commands") else [])]


def test_the_stand_ins_page_draws_every_emoji_of_the_gallery():
    drawn = (Path(sandbox.__file__).parent / "page" / "emoji.js").read_text()
    used = set(re.findall(r"(?<![\w:]):([a-z][a-z0-9_]+):(?!\w)", json.dumps([asdict(screen) for screen in shown()])))
    assert {emoji for emoji in used if not re.search(rf"[|\n]{emoji} ", drawn)} == set()


NAMES = {
    "name", "title", "about", "goal", "level", "tick", "question", "risk", "mitigation", "say", "scope", "impact",
    "note", "categories", "checklist", "criteria", "ask", "items", "brief", "objectives", "outputs", "actions",
    "steps", "when",
}  # fmt: skip


MANY = {"categories": 90, "checklist": 90, "ask": 300}
"""How many entries lists get besides theirs; `check` takes 100 of a menu."""


def long(value, key=""):
    """The same plan in the words of an author who says everything at length."""
    if isinstance(value, dict):
        return {word: long(each, word) for word, each in value.items()}
    if isinstance(value, list):
        more = MANY.get(key, 0) if all(isinstance(each, str) for each in value) else 0
        return [*(long(each, key) for each in value), *(f"{key} {number}" for number in range(more))]
    return f"{value} {'and <more> words & *signs* ' * 150}"[:3100] if key in NAMES else value


def test_no_screen_of_the_gallery_fails_because_a_plan_has_long_texts():
    """Some 3,100 characters everywhere, where Slack takes 24, 75, 150, 2,000 or 3,000; and lists of hundreds."""
    body = long(plain(gallery.written(), sections())[1])
    shown = [screen for found in gallery.screens(json.dumps(body)).values() for screen in found]
    assert len(shown) > len(renderers())
    for screen in shown:
        assert objections(screen) == [], screen.title


class Form:
    """A form of the gallery at the moment at which it is shown, to be filled in and sent; nothing of it is kept."""

    def __init__(self, stage, view):
        self.stage, self.view = stage, view
        self.inputs = {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}
        self.submit = routes().interactions["modal", view["callback_id"]]

    def filled(self, block, to=None):
        element, people = block["element"], [one.slack_id for one in self.people()]
        first = [one["value"] for one in element.get("options", ())]
        chosen = element.get("initial_option", {}).get("value")
        return {
            "plain_text_input": element.get("initial_value", HANDED_IN.get(block["block_id"], "staging")),
            "static_select": chosen or (first[:1] and first[0]),
            "users_select": to or element.get("initial_user", people[1]),
            "multi_users_select": people[1:2],
            "checkboxes": first,
            "datetimepicker": self.stage.tx.now + timedelta(hours=2),
        }.get(element["type"])

    def people(self):
        return list(teams.directory(self.stage.tx, self.stage.plan_id).people.values())

    def sent(self, user, *empty, to=None):
        """Where it is found wrong, or why it is refused; None when it is taken. `to` is who is chosen."""
        values = {name: None if name in empty else self.filled(block, to) for name, block in self.inputs.items()}
        private = json.loads(self.view.get("private_metadata") or "{}")
        tx = self.stage.tx
        tx.flush()
        before = tx.connection.begin_nested()
        try:
            with tx.part(tx.trace) as part:
                request = Request(workspace=self.stage.workspace, user=user, values=values, private=private)
                answer = self.submit.run(part, request)
                return set(answer.by_block) if isinstance(answer, Errors) else None
        except Refused as refused:
            return refused.sentence
        except (AttributeError, KeyError, TypeError):
            return "needed"
        finally:
            tx.finish()
            before.rollback()

    def faults(self):
        either = EITHER.get(self.view["callback_id"], set())
        optional = [name for name, block in self.inputs.items() if block.get("optional") and name not in either]
        people = [one.slack_id for one in self.people()]
        ways = [(one, to) for to in (None, *people) for one in people]
        taken = next(((one, to) for one, to in ways if self.sent(one, to=to) is None), None)
        if taken is None:
            yield f"nobody's is taken: {self.sent(people[0])}"
            return
        sender, to = taken
        refused = self.sent(sender, *optional, to=to)
        if refused is not None:
            yield f"{optional} are optional, and: {refused}"
        if either and self.sent(sender, *either, to=to) is None:
            yield f"one of {either} is needed, and: nothing"
        for name in self.inputs.keys() - set(optional) - either:
            if self.sent(sender, name, to=to) is None:
                yield name


def test_every_form_of_the_gallery_says_truly_what_may_be_left_out():
    faults = defaultdict(set)
    with gallery.example() as (db, plan_id):
        for screens in gallery.SHOWN.values():

            def look(tx, screens=screens):
                stage = Stage(tx, plan_id, gallery.WORKSPACE, renderers())
                for screen in screens(stage):
                    if screen.view and screen.view.get("submit"):
                        faults[screen.id].update(Form(stage, screen.view).faults())
                raise Unkept

            with suppress(Unkept):
                db.transact(look)
    assert {name: found for name, found in faults.items() if found} == NEEDED


class Unkept(Exception):
    """Raised so that nothing of an example is kept."""
