"""Markup in every name that a plan has, and in all that people type: none of it works where others read it."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import httpx

from callboard import gallery
from callboard.app import renderers, sections
from callboard.blocks import markup as m
from callboard.planfile.check import plain
from tests.api.desk import PLAN as JOBS
from tests.api.desk import Desk
from tests.conflicts.harbor import OLD, Harbor, Watched, line
from tests.conflicts.test_life_of_a_conflict import POLICY
from tests.gates.company import PEOPLE, PLAN_WITH_GATES, company
from tests.test_gallery import NAMES
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # what is shown is the same on both

RINGS = " <@UEVIL> <#CEVIL> <!here> <!channel> <!everyone> <!subteam^S1|all>"
EVIL = f"{RINGS} <https://evil.example|Sign> a*b `c & \u202e\u200b"
MORE = {"agenda", "deliverables", "deliverable", "evidence", "focus", "questions", "complexity", "unit"}
KNOWN = re.compile(r"<@U(?!EVIL)[A-Z0-9]+>|<#C(?!EVIL)[A-Z0-9]+>|<!date\^\d+\^[^<>|^]*\|[^<>|]*>|<https?://[^<>|\s]+>")
CALLS = ("chat.postMessage", "chat.postEphemeral", "chat.update", "views.open", "views.push", "views.update")


def evil(value, key=""):
    """The same plan in the words of somebody who would ring everybody."""
    if isinstance(value, dict):
        return {word: evil(each, word) for word, each in value.items()}
    if isinstance(value, list):
        return [evil(each, key) for each in value]
    return f"{value}{EVIL}" if key in NAMES | MORE and isinstance(value, str) else value


def texts(shown):
    """Every text of blocks and views, and of which kind it is."""
    if isinstance(shown, dict):
        if shown.get("type") in ("mrkdwn", "plain_text"):
            yield shown["type"], shown["text"]
        for value in shown.values():
            yield from texts(value)
    elif isinstance(shown, list | tuple):
        for value in shown:
            yield from texts(value)


def faults(kind, text):
    """What of a text Slack would take for more than words, or would show as an entity."""
    if kind == "mrkdwn":
        yield from re.findall(r"<[^>]{0,40}>?", KNOWN.sub("", text))
        yield from re.findall(r"&amp;(?:amp|lt|gt);.{0,20}", text)
    else:
        yield from re.findall(r".{0,20}&(?:amp|lt|gt);.{0,20}", text)
    yield from re.findall("[\u200b\u202e]", text)


def test_no_screen_of_the_gallery_shows_markup_that_stands_in_a_name_of_the_plan():
    body = evil(plain(gallery.written(), sections())[1])
    shown = [screen for found in gallery.screens(json.dumps(body)).values() for screen in found]
    assert len(shown) > len(renderers())
    found = []
    for screen in shown:
        by_mail = "mail" in screen.title
        top = () if by_mail else [("mrkdwn", m.safe(screen.text))]
        for kind, text in [*texts([screen.view, list(screen.blocks)]), *top]:
            found += [(screen.id, screen.title, kind, fault) for fault in faults(kind, text)]
        if by_mail and "&lt;" in screen.text:
            found.append((screen.id, screen.title, "mail", "&lt;"))
    assert found == []


TYPED = (
    ("pa", f"/blocker mongo refuses TLS{EVIL}"),
    ("olga", f"/blocker note 1 looking{EVIL}"),
    ("olga", "/blocker ack 1"),
    ("pa", "/blocker show 1"),
    ("pa", "/blocker list"),
    ("olga", f"/blocker resolve 1 restarted{EVIL}"),
    ("pa", "/task"),
    ("pb", "/task start O-1"),
    ("pb", f"/task note O-1 half{EVIL}"),
    ("pb", "/task complete O-1"),
    ("pa", "/task list"),
    ("pa", "/task show S-1"),
    ("sc", "/task start S-1"),
    ("pb", "/gate tick validated 1"),
    ("sc", "/gate tick validated 1"),
    ("sara", "/gate sign validated"),
    ("pa", "/gate list"),
    ("pa", "/gate show validated"),
    ("pa", f"/gate show {EVIL}"),
    ("olga", f"/gate reject validated because{EVIL}"),
    ("pa", "/gate history validated"),
    ("exec", "/gate waive go"),
    ("pa", f"/lock src/auth.py{EVIL}"),
    ("pa", f"/lock 'a`b c.py' for reasons{EVIL}"),
    ("pa", "/lock list"),
    ("pb", "/lock break 1 because"),
    ("amp", "/plan set omega about Sign-in <!here> *x because <!channel>"),
    ("pa", "/plan"),
    ("pa", "/plan people"),
    ("pa", "/plan show omega"),
    ("pa", "/plan versions"),
    ("pa", "/plan calendar"),
    ("pa", f"/plan show {EVIL}"),
    ("pa", "/plan away 2025-11-14"),
    ("stranger", "/blocker hello there everybody"),
    ("obi", "/gate sign validated"),
    ("pa", f"/standup {EVIL}"),
)


async def test_no_markup_of_the_plan_or_of_people_leaves_the_bot_in_a_whole_life_of_a_plan(database_url):
    """What is read is all that Slack was sent: messages, forms, private answers and refusals."""
    body = evil(plain(PLAN_WITH_GATES, sections())[1])
    found: list[Any] = []
    answers = 0
    async with World(database_url, json.dumps(body), people=PEOPLE) as world:
        for who, typed in TYPED:
            outcome = await world.says(who, typed, "release")
            answers += bool(outcome.text)
            found += [(typed, fault) for fault in faults("mrkdwn", outcome.text or "")]
        await world.advance(days=2)
        for method in CALLS:
            for call in world.slack.record.calls(method):
                sent = call["arguments"]
                every = [*texts([sent.get("blocks"), sent.get("view")]), ("mrkdwn", sent.get("text") or "")]
                found += [(method, sent.get("channel"), fault) for kind, text in every for fault in faults(kind, text)]
    assert answers > len(TYPED) / 2
    assert found == []


def test_what_is_read_elsewhere_loses_the_stars_of_bold_words_and_no_other():
    for bold in (m.bold("Gate 1"), f"{m.bold('a')}, {m.bold('b')}.", f"({m.bold('late')})", m.bold(m.code("main"))):
        assert m.unbold(f"See {bold} now") == f"See {bold.replace('*', '')} now"
    for words in ("rm *.log and *.tmp", "src/web/* and lib/*", "`web/*` and `*.css`", "2 * 3 * 4", "* one * two"):
        assert m.unbold(words) == words


def test_blocks_make_words_of_all_markup_that_callboard_does_not_write():
    said = {
        "<!here>": "&lt;!here&gt;",
        "<!subteam^S1|x>": "&lt;!subteam^S1|x&gt;",
        "<https://e.x/|Sign>": "Sign (<https://e.x/>)",
        "<http://e.x|e.x>": "<http://e.x|e.x>",
        "<@U1>": "<@U1>",
        "a < b & c": "a &lt; b &amp; c",
        "&lt;b&gt;": "&lt;b&gt;",
        "<javascript:x|Sign>": "&lt;javascript:x|Sign&gt;",
        "> quoted": "> quoted",
        "a\u202eb\u200b": "ab",
        "a\xad\u061c\u206a\u2063\x9b\U000e0001b": "ab",
        "family \U0001f468\u200d\U0001f469": "family \U0001f468\u200d\U0001f469",
        "<!date^1^{time}|1970>": "<!date^1^{time}|1970>",
        "<!date^1^{time}^https://e.x|1970>": "&lt;!date^1^{time}^https://e.x|1970&gt;",
    }
    assert {text: m.safe(text) for text in said} == said
    assert m.code("a`b\n<c>") == "`a'b &lt;c&gt;`"
    assert m.link("Guide", "https://e.x/?a|b>") == "Guide: <https://e.x/?a%7Cb%3E>"


def test_blocks_end_a_sentence_once_whatever_the_name_at_its_end_ends_with():
    said = {
        "Waiting for Go?.": "Waiting for Go?",
        "You signed *Go?*. Next: _Done!_.": "You signed *Go?* Next: _Done!_",
        "Raise “why?”. Then wait.": "Raise “why?” Then wait.",
        "See `a?.` and `x?.y` ?.": "See `a?.` and `x?.y` ?",
        "No?...": "No?...",
        "It waits for *Acme Inc.*. Ask Acme Inc..": "It waits for *Acme Inc.* Ask Acme Inc.",
        "Wait... Days 1..3 and a..b are late..": "Wait... Days 1..3 and a..b are late.",
    }
    assert {text: m.safe(text) for text in said} == said


async def test_what_people_read_of_a_gate_with_a_question_for_a_name_has_no_second_stop(database_url):
    asked = 'gates:\n  go: {name: "Go?", criteria: [Seen], sign_off: [{lead_of: omega}]}\n'
    async with World(database_url, PLAN + asked) as world:
        for typed in ("/gate sign go", "/gate tick go 1", "/gate withdraw go", "/gate ask go", "/gate hand go to pa"):
            assert "Go?." not in (await world.says("olga", typed)).text, typed
        for room in (world.channel("release"), world.channel("omega"), world.dm("olga"), world.dm("pa")):
            room.expect_nothing("Go?.")


NAME = "<!here> <@UEVIL> <!channel> *b `c & \u202e"
FILE = "src/<!here> <@UEVIL> *b `c & \u202e.py"
BRANCH = "<!here><@UEVIL>`b"


def left(world):
    """The faults of all that Slack was sent."""
    for method in CALLS:
        for call in world.slack.record.calls(method):
            sent = call["arguments"]
            for kind, text in [*texts([sent.get("blocks"), sent.get("view")]), ("mrkdwn", sent.get("text") or "")]:
                yield from ((method, sent.get("channel"), text[:200], fault) for fault in faults(kind, text))


async def test_no_markup_of_branches_files_and_committers_leaves_the_bot(database_url, tmp_path):
    harbor = Harbor(tmp_path)
    harbor.push("main", "amp", {FILE: OLD})
    async with Watched(database_url, harbor, POLICY) as world:
        await world.passes(minutes=5)
        for team, who in (("omega", "pa"), ("sigma", "sc"), ("nobody", "<!here>&`x")):
            harbor.push(f"{team}/{BRANCH}", who, {FILE: line(3, team), f"docs/{NAME}.md": team}, onto="main")
        await world.passes(minutes=10)
        harbor.push("main", "<!channel>&", {FILE: line(3, "main")})
        await world.passes(minutes=30)
        said = [await world.says("olga", each) for each in (
            "/lock conflicts", f"/lock '{FILE}'", "/lock list", f"/lock who '{FILE}'", f"/lock plan {BRANCH}", "/plan",
            "/lock conflicts 1",
        )]  # fmt: skip
        world.dm("olga").expect("omega/")
        await world.advance(days=1)
        typed = [fault for one in said for fault in faults("mrkdwn", one.text or "")]
        assert [*left(world), *typed] == []


LINK = "https://ci.example/<!here>|x>?a=<@UEVIL>"
ASKED: tuple[tuple[str, str, dict[str, Any], int], ...] = (
    ("pa", "/blockers", {"what": f"down {EVIL}", "blocks": EVIL.replace("\u202e", "")}, 201),
    ("olga", "/blockers/1/acknowledge", {}, 200),
    ("olga", "/blockers/1/severity", {"severity": "critical", "reason": EVIL}, 200),
    ("olga", "/blockers/1/resolve", {"outcome": EVIL}, 200),
    ("pb", "/tasks/O-1/start", {}, 200),
    ("pb", "/tasks/O-1/progress", {"percent": 10, "said": EVIL}, 200),
    ("pb", "/tasks/O-1/complete", {"said": EVIL}, 200),
    ("pa", "/gates/validated/ticks", {"criterion": "1", "evidence": EVIL}, 200),
    ("sc", "/gates/tested/reports", {"measure": "tests_passed", "amount": 68, "link": LINK}, 200),
    ("pb", "/jobs", {"type": "Release.Import.Run", "params": {"file": EVIL}}, 201),
    ("pb", "/jobs/claims", {"worker": RINGS[:50]}, 200),
    ("pb", "/jobs/1/fail", {"attempt": 1, "error": EVIL}, 200),
    ("pb", f"/gates/{quote(RINGS)}/ticks", {"criterion": EVIL}, 422),
)


async def test_no_markup_of_requests_by_programs_leaves_the_bot(database_url):
    async with company(database_url, JOBS) as world:
        asgi = httpx.ASGITransport(world.app.web)
        async with httpx.AsyncClient(transport=asgi, base_url="http://callboard") as http:
            desk = Desk(world, http)
            answers = [await desk.asks(who, "POST", path, body) for who, path, body, _ in ASKED]
        for typed in (
            "/blocker show 1",
            "/task show O-1",
            "/gate show validated",
            "/gate show tested",
            "/blocker list",
        ):
            await world.says("pa", typed, "release")
        await world.advance(days=1)
        assert [*left(world)] == []
        assert [answer.status_code for answer in answers] == [status for *_, status in ASKED], [a.text for a in answers]
