"""The gallery holds an example of whatever Callboard can show; what is new and has none fails here."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from functools import cache
from pathlib import Path

import slack_standin as sandbox
from callboard import gallery
from callboard.app import CAPABILITIES, renderers, sections
from callboard.planfile.check import plain
from tests.contract import published


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
        if screen.view:
            assert published.check_call("views.open", {"view": screen.view, "trigger_id": "1"}) == [], screen.title
        else:
            message = {"channel": "C1", "text": screen.text}
            asked = message | ({"blocks": list(screen.blocks)} if screen.blocks else {})
            assert published.check_call("chat.postMessage", asked) == [], screen.title


def test_every_screen_of_the_gallery_shows_something():
    assert [screen.title for screen in shown() if not (screen.text or screen.view)] == []


def test_the_stand_ins_page_draws_every_emoji_of_the_gallery():
    drawn = (Path(sandbox.__file__).parent / "page" / "emoji.js").read_text()
    used = set(re.findall(r"(?<![\w:]):([a-z][a-z0-9_]+):(?!\w)", json.dumps([asdict(screen) for screen in shown()])))
    assert {emoji for emoji in used if not re.search(rf"[|\n]{emoji} ", drawn)} == set()


NAMES = {
    "name", "title", "about", "goal", "level", "tick", "question", "risk", "mitigation", "say", "scope", "impact",
    "note", "categories", "checklist", "criteria", "ask", "items", "brief", "objectives", "outputs", "actions",
    "steps", "when",
}  # fmt: skip


def long(value, key=""):
    """The same plan in the words of an author who says everything at length."""
    if isinstance(value, dict):
        return {word: long(each, word) for word, each in value.items()}
    if isinstance(value, list):
        return [long(each, key) for each in value]
    return f"{value} {'and <more> words & *signs* ' * 150}"[:3100] if key in NAMES else value


def test_no_screen_of_the_gallery_fails_because_a_plan_has_long_texts():
    """Some 3,100 characters everywhere, where Slack takes 24, 75, 150, 2,000 or 3,000."""
    body = long(plain(gallery.example(), sections())[1])
    shown = [screen for found in gallery.screens(json.dumps(body)).values() for screen in found]
    assert len(shown) > len(renderers())
    for screen in shown:
        if screen.view:
            assert published.check_call("views.open", {"view": screen.view, "trigger_id": "1"}) == [], screen.title
        else:
            message = {"channel": "C1", "text": screen.text}
            asked = message | ({"blocks": list(screen.blocks)} if screen.blocks else {})
            assert published.check_call("chat.postMessage", asked) == [], screen.title
