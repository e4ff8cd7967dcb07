"""The contact list: seed 004's columns, who sees what, who is away."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

LISTED = (
    PLAN.replace("slack: UOLGA,", "slack: UOLGA, email: olga@example.com, phone: +43 1 234, responds_within: 5m,")
    .replace("roles: [coordinator]}", "roles: [coordinator], around_the_clock: true, responds_within: 15m, "
             'phone: "env:AMP_PHONE", title: Managing engineer}')
    .replace("roles: [executive]}", "roles: [executive], responds_within: 30m}")
    .replace("sara: {name: Sigma lead, slack: USARA}", "sara: {name: Sigma lead, vacant: true, deputies: [sc]}")
    .replace("sc: {name: Person C, slack: USC}", "sc: {name: Person C, slack: USC, responds_within: 1h}")
    + "on_call: {omega: {rotation: [pb, pa], every: 1d, from: 2025-11-13 08:00}}\n"
)  # fmt: skip


@pytest.fixture
async def world(database_url):
    async with World(database_url, plan=LISTED) as world:
        yield world


async def test_contacts_have_roles_names_response_times_and_how_each_is_reached(world):
    text = (await world.says("pa", "/plan contacts")).text
    for words in (
        "*On call now*\n• Omega: Person B (<@UPB>)",
        "• Omega: Omega lead (<@UOLGA>), answers within 5 min, olga@example.com, +43 1 234",
        "• Sigma: Sigma lead, vacant; <@USC> stands in",
        "• Amp (<@UAMP>), Managing engineer, answers within 15 min, round the clock, telephone known to me",
        "*Executive*\n• Executive (<@UEXEC>), answers within 30 min",
        "*Others with a response time*\n• Person C (<@USC>), answers within 1 h",
    ):
        assert words in text, text
    assert "AMP_PHONE" not in text


async def test_contacts_hide_mail_and_telephone_from_who_only_follows_the_plan_as_show_does(world):
    text = (await world.says("stan", "/plan contacts")).text
    assert "olga@example.com" not in text
    assert "shown to those who work in the plan" in text
    for person, sees in (("stan", False), ("pa", True), ("exec", True), ("amp", True)):
        shown = (await world.says(person, "/plan show olga")).text
        assert ("olga@example.com" in shown, "+43 1 234" in shown) == (sees, sees), person
    await world.says("amp", "/plan set olga phone +43 1 999 because it is new")
    assert "+43 1 999" not in (await world.says("stan", "/plan show olga")).text


async def test_contacts_say_who_is_away_and_who_stands_in(world):
    await world.says("olga", "/plan away today")
    await world.says("pb", "/plan away today")
    text = (await world.says("pa", "/plan contacts")).text
    assert "*away* 2025-11-13, <@UPA> stands in" in text
    assert "*On call now*\n• Omega: Amp" in text or "*On call now*\n• Omega: Person A" in text


SECRETS = ("+4930555", "new@example.com", "old@example.com", "mailto://pager", "pa@git.example.com")


async def test_contacts_are_hidden_in_what_changed_from_who_only_follows_the_plan_but_not_their_own(world):
    world.apply(world.plan.replace("  pa: {name: Person A", "  pa: {email: old@example.com, name: Person A"))
    changes = ("phone +4930555", "email new@example.com", "fallback [mailto://pager]", "git [pa@git.example.com]")
    for change in changes:
        assert "•" in (await world.says("amp", f"/plan set pa {change} because it is new", channel="release")).text
    own = await world.says("amp", "/plan set stan phone +4930777 because it is new", channel="release")
    assert "+4930777" in own.text
    for command in ("/plan versions", "/plan show pa"):
        told = shown(await world.says("stan", command, channel="release"))
        assert [secret for secret in SECRETS if secret in told] == [], command
        seen = shown(await world.says("pa", command))
        assert [secret in seen for secret in SECRETS[:2]] == [True, True], command
    versions = shown(await world.says("stan", "/plan versions", channel="release"))
    assert "person pa: phone changed" in versions
    assert "+4930777" in versions
    assert "+4930777" in shown(await world.says("stan", "/plan show stan", channel="release"))
    await world.advance(minutes=1)
    told = " ".join(message.shown for message in world.dm("stan").messages)
    assert "+4930777" in told
    assert [secret for secret in SECRETS if secret in told] == []


def shown(outcome):
    return outcome.view.shown if outcome.view else outcome.text
