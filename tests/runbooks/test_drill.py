"""A drill: the same in a channel of its own, marked in every word, and nothing outside of it is touched."""

from __future__ import annotations

import pytest

from callboard.runbooks import slack, store
from tests.runbooks.shipping import SHIPPING, shipping

DATABASES = ("sqlite",)


@pytest.fixture
async def day(database_url):
    async with shipping(database_url, SHIPPING.replace("before: 1d", "before: 25m")) as world:
        yield world


async def test_the_drill_of_a_run_book_stays_in_its_channel_and_is_marked_in_every_word(day):
    await day.advance(minutes=4)
    before = {name: len(day.channel(name)) for name in ("release", "omega", "sigma")}
    people = {person: len(day.dm(person)) for person in ("olga", "sara", "sc", "stan", "pa", "exec")}
    answer = (await day.says("olga", "/run drill go-live")).text
    assert answer.startswith("DRILL: Go-live is running in <#CURGENT>. Nothing outside of it is touched.")
    await day.advance(seconds=5)
    assert "A drill of Go-live is under way" in (await day.says("olga", "/run drill go-live")).text
    await day.says("amp", "/run confirm announce", "urgent")
    await day.says("amp", "/run skip 2 because we need no rest", "urgent")
    await day.says("olga", "/run fail deploy because the copy is empty", "urgent")
    await day.says("olga", "/run start deploy", "urgent")
    await day.advance(minutes=70)
    await day.says("olga", "/run items deploy all", "urgent")
    for person, step in (("olga", "deploy"), ("sara", "smoke"), ("sc", "notes"), ("pa", "watch")):
        await day.says(person, f"/run confirm {step}", "urgent")
    await day.advance(seconds=30)
    told = day.channel("urgent").messages
    assert len(told) > 8
    assert [message.shown for message in told if "DRILL" not in message.shown] == []
    day.channel("urgent").expect("In earnest the rollback system would follow.")
    day.channel("urgent").expect("*Go-live* is done")
    # The real one was blocked at its hour meanwhile: that is no drill.
    real = ("DEPLOYMENT BLOCKED", "Go or no-go", "Go-live* begins", "was to begin")
    for name, count in before.items():
        new = [each.shown for each in day.channel(name).messages[count:]]
        assert all(any(word in text for word in real) for text in new), (name, new)
    for person, count in people.items():
        new = [each.shown for each in day.dm(person).messages[count:]]
        drilled = [text for text in new if "DRILL" in text]
        assert all("is over its limit" in text or "is done" in text for text in drilled), (person, new)
        assert not drilled or person == "olga", (person, new)
    assert (day.row("run", 1).drill, day.row("run", 1).state) == (True, "done")
    assert {run.kind for run in day.app.db.transact(store.open_runs, 1)} == {"run-book"}


TYPED = {
    "drill": [("olga", "drill go-live"), ("olga", "drill go-live"), ("pa", "drill go-live")],
    "show": [("pa", "show")],
    "list": [("pa", "list")],
    "confirm": [("pa", "confirm announce"), ("amp", "confirm deploy"), ("amp", "confirm announce"),
                ("amp", "confirm announce"), ("amp", "confirm nonsense")],
    "start": [("olga", "start deploy"), ("sara", "start deploy"), ("olga", "start smoke")],
    "items": [("olga", "items deploy 1"), ("olga", "items deploy 7"), ("olga", "items deploy some"),
              ("olga", "items smoke all")],
    "delay": [("olga", "delay deploy 5m because it is slow"), ("pa", "delay notes 5m"), ("olga", "delay deploy 30h")],
    "fail": [("olga", "fail deploy"), ("olga", "fail deploy because the copy is empty"), ("sc", "fail deploy because")],
    "back": [("olga", "back deploy"), ("olga", "back watch"), ("pa", "back announce")],
    "ack": [("olga", "ack deploy")],
    "hand": [("olga", "hand notes @pb"), ("sc", "hand deploy @pb")],
    "skip": [("amp", "skip notes"), ("amp", "skip notes because it is only a drill"), ("amp", "skip notes because so")],
    "stop": [("pa", "stop drill because so"), ("olga", "stop drill"), ("olga", "stop drill because it is enough")],
    "review": [("pa", "review go-live")],
    "rollback": [],
}  # fmt: skip
"""What is typed in a drill, by verb; no drill has a rollback."""


async def test_every_answer_form_and_refusal_about_a_drill_is_marked(day):
    assert set(TYPED) == {verb.name for verb in slack.command.verbs}
    await day.advance(minutes=4)
    read = []
    for verb, typed in TYPED.items():
        for person, text in typed:
            if text == "start deploy" and person == "olga":
                await day.says("amp", "/run skip 2 because we need no rest", "urgent")
            read.append((verb, text, (await day.says(person, f"/run {text}", "urgent")).text))
    assert [each for each in read if "DRILL" not in each[2]] == []
    assert [each for each in read if "Something went wrong" in each[2]] == []


async def test_every_form_and_button_of_a_drill_is_marked(day):
    await day.advance(minutes=4)
    await day.says("olga", "/run drill go-live")
    await day.says("amp", "/run confirm announce", "urgent")
    await day.says("amp", "/run skip 2 because we need no rest", "urgent")
    await day.advance(seconds=5)
    begun = day.channel("urgent").expect("*Deploy* now", "Copy made")
    for label in ("Items (0 of 2)", "Delay...", "Failed..."):
        await day.clicks("olga", label, begun)
        form = await day.opened("olga")
        assert "DRILL" in form.shown, form.shown
        await day.slack.close_view("olga")
    answers = [(await day.clicks(person, "Done", begun)).text for person in ("olga", "sc")]
    await day.clicks("olga", "Delay...", begun)
    await day.opened("olga")
    answers.append(await day.submits("olga", {"How much longer?": "5m"}))
    assert [text for text in answers if "DRILL" not in text] == []


async def test_nobody_who_has_not_drilled_in_time_is_spared_the_reminder(day):
    await day.advance(minutes=6)
    assert day.dm("amp").count("Nobody has tried `go-live` yet.", "/run drill go-live") == 1


async def test_a_drill_after_a_run_that_was_stopped_does_not_hide_that_from_the_report(database_url):
    weekend = SHIPPING.replace(
        "timezone: UTC\n", 'timezone: UTC\nworking_hours: {days: mon-sun, hours: "09:00-18:00"}\n'
    )
    reports = 'reports: {daily: {at: "15:00", to: ["#coordination"]}}\n'
    async with shipping(database_url, weekend + reports) as day:
        await day.passes()
        await day.advance(minutes=31)
        await day.says("amp", "/run stop go-live because the doors are stuck")
        await day.says("olga", "/run drill go-live")
        await day.says("olga", "/run stop drill because we know enough")
        await day.advance(hours=1)
        day.channel("release").expect("Daily report", "Go-live: stopped, the doors are stuck")
