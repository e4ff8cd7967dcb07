"""A plan file is handed in, in Slack: what it would change is shown first, and conflicts are asked for."""

from __future__ import annotations

import gzip
import time

import pytest

from callboard.plans import service as plans
from tests.planfile.heavy import BOMBS
from tests.world import PLAN, World, until

DATABASES = ("sqlite",)  # forms and files

RENAMED = PLAN.replace("name: Release\n", "name: Release 2\n")
WITH_TASK = PLAN + "tasks: [{for: {team: omega}, A-1: {title: One, due: 2025-11-14 12:00}}]\n"


async def handed_in(world, person="amp", **values):
    await world.says(person, "/plan apply")
    await world.opened(person)
    return await world.slack.submit(person, values)


async def agreed(world, person="amp", **values):
    outcome = await world.slack.submit(person, values)
    await world.settled()
    return outcome


def name_of(world):
    return world.app.db.transact(plans.plan, 1).name


async def test_plan_apply_shows_what_a_pasted_plan_changes_and_applies_it_on_a_click(world):
    shown = (await handed_in(world, text=RENAMED, reason="It grew")).view
    assert "name: Release -> Release 2" in shown.shown.replace("&gt;", ">")
    assert name_of(world) == "Release"
    done = await agreed(world)
    assert "Version 2 of `release` runs now" in done.view.shown
    assert name_of(world) == "Release 2"
    versions = (await world.says("pa", "/plan versions")).text
    assert "*Version 2*" in versions
    assert "by <@UAMP> because It grew" in versions


async def test_plan_apply_changes_nothing_when_its_form_is_cancelled(world):
    await handed_in(world, text=RENAMED)
    await world.slack.close_view("amp", everything=True)
    assert name_of(world) == "Release"


async def test_plan_apply_shows_errors_of_a_plan_file_line_by_line(world):
    wrong = PLAN.replace("lead: olga", "lead: olgga").replace("timezone: UTC", "timezone: UTD")
    outcome = await handed_in(world, text=wrong)
    for words in ("plan.yml has 2 errors", "4: timezone", "did you mean `olga`"):
        assert words in outcome.view.shown
    assert world.slack.views("amp")[0].callback_id == "plan.hand_in"


async def test_plan_apply_refuses_what_would_burst_in_a_sentence_whichever_way_it_comes(world):
    bombs: dict[str, str | bytes] = {name: PLAN + BOMBS[name] for name in ("aliases of aliases", "merges of merges")}
    bombs["packed"] = gzip.compress(b"a: b\n" * 10_000_000)  # read as it is
    for bomb in bombs.values():
        file = world.slack.upload("amp", "release.yml", bomb)
        assert "release.yml has " in (await handed_in(world, file=[file])).view.shown
        await world.slack.close_view("amp", everything=True)
    assert "plan.yml has " in (await handed_in(world, text=PLAN + BOMBS["merges of merges"])).view.shown
    assert name_of(world) == "Release"


async def test_the_web_api_of_slack_reads_an_uploaded_plan_file_with_the_bots_own_token(world):
    long = RENAMED + "".join(f"# {n}: a long story\n" for n in range(500))
    file = world.slack.upload("amp", "release.yml", long)
    shown = (await handed_in(world, file=[file])).view
    assert "Release 2" in shown.shown
    assert world.slack.record.calls("files-pri")[-1]["arguments"]["allowed"]
    await agreed(world)
    assert name_of(world) == "Release 2"


async def test_the_web_api_of_slack_says_which_scope_it_lacks_to_read_a_plan_file(world):
    world.slack.spec.scopes.remove("files:read")
    file = world.slack.upload("amp", "release.yml", RENAMED)
    outcome = await handed_in(world, file=[file])
    assert "add the scope `files:read`" in outcome.errors["text"]


async def test_the_web_api_of_slack_sends_the_bots_token_for_a_file_only_to_slack(world):
    file = world.slack.upload("amp", "release.yml", RENAMED)
    file["url_private_download"] = "https://slack.com.example.org/steal"
    outcome = await handed_in(world, file=[file])
    assert "did not hand it over" in outcome.errors["text"]


@pytest.mark.parametrize("values", [{}, {"text": RENAMED, "file": "both"}])
async def test_plan_apply_needs_a_file_or_a_text_in_its_form(world, values):
    if "file" in values:
        values = values | {"file": [world.slack.upload("amp", "release.yml", RENAMED)]}
    assert "one of both" in (await handed_in(world, **values)).errors["text"]


async def test_plan_apply_takes_a_file_on_a_message_by_a_shortcut(world):
    world.slack.upload("amp", "release.yml", RENAMED, channel="release")
    message = world.channel("release").messages[-1]
    await world.slack.shortcut("amp", "plan.from_message", "release", message.ts)
    shown = await world.opened("amp")
    assert "Release 2" in shown.shown
    await agreed(world)
    assert name_of(world) == "Release 2"


def with_files(world, *names):
    """A message with several files, as somebody who drops them together posts it."""
    files = [world.slack.upload("amp", name, RENAMED) for name in names]
    message = world.slack.say("amp", "release", "The plans")
    message.files = files
    return message


async def test_the_dispatch_of_a_shortcut_answers_before_slow_files_are_read_and_reads_them_side_by_side(database_url):
    async with World(database_url, patience=0.05) as world:
        message = with_files(world, "release.yml", "b.yml", "c.yml", "d.yml")
        world.slack.fault("files-pri", "slow", delay=0.5, times=4)
        asked = time.monotonic()
        assert (await world.slack.shortcut("amp", "plan.from_message", "release", message.ts)).ok
        assert "Still working" in (await world.opened("amp")).shown
        await until(lambda: "Release 2" in world.slack.views("amp")[-1].shown)
        assert time.monotonic() - asked < 4 * 0.5
        assert len(world.slack.views("amp")) == 1


async def test_the_web_api_of_slack_names_the_file_that_it_could_not_read(database_url):
    async with World(database_url, patience=0.05) as world:
        message = with_files(world, "release.yml", "b.yml")
        world.slack.fault("files-pri", "broken", delay=0.2, times=2)
        await world.slack.shortcut("amp", "plan.from_message", "release", message.ts)
        await until(lambda: any("release.yml: Slack did not" in view.shown for view in world.slack.views("amp")))


async def test_only_the_coordinator_can_use_plan_apply(world):
    outcome = await handed_in(world, "olga", text=RENAMED)
    assert "Only <@UAMP> can apply Release" in outcome.view.shown
    outcome = await handed_in(world, "olga", text=PLAN.replace("key: release", "key: mine"))
    assert "Release is a new plan, and only workspace admins can begin it" in outcome.view.shown


async def test_plan_apply_lets_the_coordinator_named_in_the_file_start_a_first_plan(world_without_plan):
    world = world_without_plan
    shown = (await handed_in(world, text=PLAN)).view
    assert "a new plan: Release" in shown.shown
    await agreed(world)
    assert "Version" in (await world.says("amp", "/plan versions")).text
    world.channel("omega").expect("*Omega*", "Led by <@UOLGA>")


async def test_plan_apply_of_the_same_plan_file_changes_nothing(world):
    world.apply(PLAN.strip())
    assert "This file changes nothing" in (await handed_in(world, text=PLAN)).view.shown


async def test_plan_apply_previews_again_a_plan_that_changed_meanwhile(world):
    await handed_in(world, text=RENAMED)
    world.apply(PLAN.replace("name: Release\n", "name: Release 3\n"))
    again = await agreed(world)
    assert "has changed meanwhile" in again.view.shown
    assert name_of(world) == "Release 3"
    await agreed(world)
    assert name_of(world) == "Release 2"


async def test_plan_apply_asks_about_differences_from_live_changes_one_by_one(database_url):
    async with World(database_url, WITH_TASK) as world:
        await world.says("amp", "/plan set A-1 due 2025-11-14 15:00 because QA is late")
        edited = WITH_TASK.replace("title: One, due: 2025-11-14 12:00", "title: One, due: 2025-11-14 10:00")
        shown = (await handed_in(world, text=edited)).view
        (question,) = [block for block in shown.blocks if block["type"] == "input"]
        for words in ("tasks.A-1.due", "it was 2025-11-14 12:00", "it is 2025-11-14 15:00", "QA is late", "10:00"):
            assert words in question["label"]["text"]
        await agreed(world, **{question["block_id"]: "ours"})
        assert "*due*: 2025-11-14 10:00" in (await world.says("pa", "/plan show A-1")).text


async def test_plan_apply_keeps_live_changes_unless_somebody_chooses_the_file(database_url):
    async with World(database_url, WITH_TASK) as world:
        await world.says("amp", "/plan set A-1 due 2025-11-14 15:00")
        edited = WITH_TASK.replace("title: One, due: 2025-11-14 12:00", "title: Uno, due: 2025-11-14 10:00")
        await handed_in(world, text=edited)
        await agreed(world)
        answer = (await world.says("pa", "/plan show A-1")).text
        assert "*due*: 2025-11-14 15:00" in answer
        assert "Uno" in answer
