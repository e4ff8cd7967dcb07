"""Each way to cheat is refused with a sentence, and the timeline keeps who tried."""

from __future__ import annotations

import json

import pytest

from callboard.app import routes
from callboard.slack.answers import Refusal
from callboard.slack.requests import Request
from tests.gates.company import tested, validated

DATABASES = ("sqlite",)  # who may do what

SIGNED = {"Confirm": "yes"}


@pytest.fixture
async def ready(world):
    """The first gate has passed, the second waits for two leads."""
    await validated(world)
    await tested(world)
    return world


def tried(world, gate, person):
    """What the timeline says that somebody tried, and what they read; sealed like all else."""
    found = [one for one in world.entries("gate", "refused", gate) if one.actor == person]
    assert found, f"nothing is kept of what {person} tried"
    assert world.verified() == []
    return found[-1].facts["why"]


async def test_nobody_has_the_right_to_sign_a_gate_twice(ready):
    await ready.signs("olga", "tested")
    outcome = await ready.says("olga", "/gate sign tested", channel="release")
    assert "You have already signed Sigma signs off" in outcome.text
    assert "Nobody signs twice" in tried(ready, "tested", "olga")
    assert ready.row("gate", "tested").state == "ready"


async def test_nobody_has_the_right_to_sign_a_gate_in_two_roles(ready):
    """Person A is Omega lead's deputy: she hands it over, they sign for her, and then not once more."""
    await ready.says("olga", "/gate hand tested to <@UPA>", channel="release")
    await ready.signs("pa", "tested", "for <@UOLGA>")
    assert ready.row("gate", "tested").state == "ready"
    assert ready.entries("gate", "signed", "tested")[0].on_behalf_of == "olga"
    outcome = await ready.says("olga", "/gate sign tested", channel="release")
    assert "<@UPA> has already signed Sigma signs off for <@UOLGA>" in outcome.text
    outcome = await ready.says("pa", "/gate sign tested for <@UOLGA>", channel="release")
    assert "Nobody signs twice or in two roles" in outcome.text
    assert "two roles" in tried(ready, "tested", "pa")


async def test_only_a_deputy_has_the_right_to_sign_a_gate_for_somebody_else(ready):
    outcome = await ready.says("pb", "/gate sign tested for <@UOLGA>", channel="release")
    assert "You can't act for <@UOLGA>. Only <@UPA> can." in outcome.text
    assert "can't act" in tried(ready, "tested", "pb")
    for text in ("sign tested", "sign tested for <@UOLGA>", "reject tested for <@UOLGA> not good"):
        outcome = await ready.says("pa", f"/gate {text}", channel="release")
        assert outcome.text.startswith("<@UOLGA> is not away. You are their deputy and act only while they are away")
        assert "`/gate hand tested to` <@UPA>" in outcome.text
    assert ready.entries("gate", "rejected", "tested") == []


async def test_a_deputy_has_the_right_to_sign_a_gate_while_whom_they_stand_in_for_is_away(world):
    await world.says("olga", "/plan away today")
    await validated_by_deputy(world)
    assert world.row("gate", "validated").state == "passed"
    assert world.entries("gate", "signed", "validated")[0].on_behalf_of == "olga"
    world.channel("release").expect("*Omega signs off* passed", "Signed by <@UPA> for <@UOLGA>.")


async def test_a_deputy_has_the_right_to_sign_a_gate_without_naming_whom_they_stand_in_for(world):
    await world.says("olga", "/plan away today")
    await world.completes("pb", "O-1", "O-2")
    await world.says("pa", "/gate tick validated 1", channel="release")
    no = await world.says("pa", "/gate reject validated not good", channel="release")
    assert no.text == "You stand in for <@UOLGA>. Say so: `/gate reject validated for` <@UOLGA>."
    assert "for <@UOLGA>" in await world.signs("pa", "validated")
    assert world.entries("gate", "signed", "validated")[0].on_behalf_of == "olga"


async def validated_by_deputy(world):
    await world.completes("pb", "O-1", "O-2")
    await world.says("pa", "/gate tick validated 1", channel="release")
    await world.advance(seconds=10)
    assert world.dm("olga").count("Please sign") == 0
    await world.clicks("pa", "Sign...", world.dm("pa").expect("Please sign for <@UOLGA>."))
    assert "for <@UOLGA>" in (await world.opened("pa")).shown
    await world.submits("pa", SIGNED)


async def test_a_gates_signer_has_the_right_to_hand_it_to_their_deputy_only_and_to_take_it_back(ready):
    for person, text, sentence in (
        ("olga", "hand tested to <@UPB>", "<@UPB> is not your deputy. You can hand it only to <@UPA>."),
        ("sara", "hand tested to <@UPA>", "The plan names no deputy for you. <@UAMP> can change that"),
        ("amp", "hand tested to <@UPA>", "does not ask you to sign. Only <@UOLGA> or <@USARA> can sign it."),
        ("olga", "hand tested", "Say to whom: `/gate hand tested to @somebody`"),
        ("olga", "hand tested back", "You have not handed your sign-off of Sigma signs off to anybody."),
    ):
        outcome = await ready.says(person, f"/gate {text}", channel="release")
        assert sentence in outcome.text
    outcome = await ready.says("olga", "/gate hand tested to <@UPA>", channel="release")
    assert "<@UPA> can sign Sigma signs off for you now" in outcome.text
    await ready.advance(seconds=10)
    ready.dm("pa").expect("<@UOLGA> handed you their sign-off of *Sigma signs off*.")
    ready.dm("pa").expect("Please sign for <@UOLGA>")
    outcome = await ready.says("olga", "/gate hand tested back", channel="release")
    assert outcome.text == "You sign Sigma signs off yourself again."
    await ready.advance(seconds=10)
    ready.dm("pa").expect("<@UOLGA> took back their sign-off of *Sigma signs off*. You need not sign for them.")
    assert "is not away" in (await ready.says("pa", "/gate sign tested for <@UOLGA>", channel="release")).text
    assert [ready.entries("gate", verb, "tested")[0].actor for verb in ("handed over", "took back")] == ["olga", "olga"]


async def test_only_whom_a_gate_asks_has_the_right_to_sign_it(ready):
    for person in ("pb", "amp", "stan"):
        outcome = await ready.says(person, "/gate sign tested", channel="release")
        assert "does not ask you to sign" in outcome.text
        assert "<@UOLGA>" in outcome.text
        tried(ready, "tested", person)


async def test_an_observer_has_no_right_to_sign_or_tick_a_gate(ready):
    outcome = await ready.says("obi", "/gate sign tested", channel="release")
    assert "You follow Release as Observer, so you can't sign" in outcome.text
    tried(ready, "tested", "obi")
    outcome = await ready.says("obi", "/gate tick go 1", channel="release")
    assert "You follow Release as Observer" in outcome.text
    assert "Observer" in tried(ready, "go", "obi")


@pytest.mark.parametrize("channel", ["elsewhere", "release"])
async def test_a_strangers_attempt_in_slack_to_sign_a_gate_is_refused_in_any_channel_and_kept(ready, channel):
    outcome = await ready.says("stranger", "/gate sign tested", channel=channel)
    assert "You are not in the plan Release" in outcome.text
    assert "not in the plan" in tried(ready, "tested", "USTRANGER")
    assert ready.entries("gate", "signed", "tested") == []


async def test_a_gates_signer_has_the_right_to_sign_it_from_any_channel(ready):
    """What somebody may comes from the plan, and not from the channel they are in."""
    await ready.says("olga", "/gate sign tested", channel="elsewhere")
    await ready.opened("olga")
    assert "You have signed" in str(await ready.submits("olga", SIGNED))


async def test_the_slack_form_to_sign_a_gate_begins_at_a_box_that_must_be_ticked_before_anything_is_signed(ready):
    await ready.opens("olga", "/gate sign tested", "release")
    form = await ready.opened("olga")
    (box,) = [block["element"] for block in form.body["blocks"] if block["type"] == "input"]
    assert box["focus_on_load"]
    assert not (await ready.slack.submit("olga", {}, form.id)).ok
    assert ready.entries("gate", "signed", "tested") == []


async def test_a_refused_attempt_from_a_gates_menu_in_slack_is_kept(ready):
    await ready.advance(seconds=10)
    card = ready.channel("release").expect("Sigma signs off (tested)", "Waiting for")
    await ready.clicks("olga", "gate.more", card, value=_choice(card, "waive:"))
    assert "Only <@UAMP> can waive a gate" in tried(ready, "tested", "olga")
    await ready.clicks("obi", "gate.more", card, value=_choice(card, "withdraw:"))
    assert "You have not signed" in tried(ready, "tested", "obi")


def _choice(card, verb):
    """What a choice in the menu behind the dots carries."""
    menus = [one for block in card.blocks for one in block.get("elements", ()) if one["type"] == "overflow"]
    return next(one["value"] for menu in menus for one in menu["options"] if one["value"].startswith(verb))


async def test_an_old_button_to_sign_a_gate_shows_it_as_it_is_now_and_what_happened_since(ready):
    call = ready.dm("olga").expect("*Sigma signs off*: all criteria are met")
    await ready.says("sc", "/gate report tested tests_passed 69", channel="release")
    await ready.clicks("olga", "Sign...", call)
    shown = (await ready.opened("olga")).shown
    assert "Since this button was shown: <@USC> reported" in shown
    assert "69 of 72" in shown
    assert ready.entries("gate", "signed", "tested") == []


async def test_an_old_button_of_a_gate_changes_nothing_and_says_what_happened_since(ready):
    await ready.advance(seconds=10)
    card = ready.channel("release").expect("Sigma signs off (tested)", "Waiting for")
    old = _choice(card, "withdraw:")
    await ready.says("sc", "/gate report tested tests_passed 69", channel="release")
    said = await ready.app.db.write(_pressed, ready.slack.spec.team_id, old)
    assert "Sigma signs off has changed: <@USC> reported" in said
    assert "has changed" in tried(ready, "tested", "olga")


async def test_nobody_has_the_right_to_sign_a_gate_again_by_sending_its_form_twice(ready):
    await ready.opens("olga", "/gate sign tested", "release")
    view = await ready.opened("olga")
    key, private = view.body["callback_id"], view.body["private_metadata"]
    assert "You have signed" in (await ready.slack.submit("olga", SIGNED, view.id)).view.shown
    again = await ready.app.db.write(_submitted_again, ready.slack.spec.team_id, key, private)
    assert "You have already signed Sigma signs off" in again
    assert "already" in tried(ready, "tested", "olga")
    assert len(ready.entries("gate", "signed", "tested")) == 1


def _pressed(tx, workspace, value):
    """What a click brings that reaches the bot late."""
    menu = routes().interaction("button", "gate.more")
    assert menu is not None
    answer = menu.run(tx, Request(workspace=workspace, user="UOLGA", value=value))
    assert isinstance(answer, Refusal)
    return answer.text


def _submitted_again(tx, workspace, key, private):
    """What a request does that somebody recorded and sends once more, past the check of its age."""
    form = routes().interaction("modal", key)
    assert form is not None
    request = Request(workspace=workspace, user="UOLGA", private=json.loads(private), values={"read": ["yes"]})
    answer = form.run(tx, request)
    assert isinstance(answer, Refusal)
    return answer.text


async def test_the_gate_service_refuses_to_sign_what_has_changed_since_it_was_shown(ready):
    shown = await ready.opens("olga", "/gate sign tested", "release")
    assert "70 of 72" in shown
    await ready.says("sc", "/gate report tested tests_passed 67", channel="release")
    said = await ready.submits("olga", SIGNED)
    assert "has changed since you looked. You did not sign." in said
    assert "since you looked" in tried(ready, "tested", "olga")
    assert ready.entries("gate", "signed", "tested") == []


async def test_who_did_a_gates_work_has_no_right_to_sign_it_where_the_plan_excludes_them(world):
    """Sigma lead takes a task that the gate looks at; the plan excludes assignees."""
    plan = world.plan.replace(
        "      - {measure: tests_passed, at_least: 68}",
        "      - {measure: tests_passed, at_least: 68}\n      - {tasks: [S-1], are: completed}",
    )
    world.apply(plan.replace("count: 2, of: [all leads]", "count: 1, of: [all leads]"))
    await validated(world)
    await world.completes("sara", "S-1")
    await tested(world)
    outcome = await world.says("sara", "/gate sign tested", channel="release")
    assert "You did the work of Sigma signs off" in outcome.text
    assert "did the work" in tried(world, "tested", "sara")
    await world.signs("olga", "tested")
    assert world.row("gate", "tested").state == "passed"


async def test_only_whom_the_plan_names_has_the_right_to_report_a_gates_measure(ready):
    outcome = await ready.says("sc", "/gate report vulnerabilities 0", channel="release")
    assert "a program with a token" in outcome.text
    outcome = await ready.says("pb", "/gate report tested tests_passed 72", channel="release")
    assert "Only <@USARA> or <@USC> or a program with a token can report `tests_passed`" in outcome.text
    tried(ready, "tested", "pb")


async def test_only_a_coordinator_has_the_right_to_waive_a_gate_and_nobody_a_go_no_go(ready):
    outcome = await ready.says("olga", "/gate waive tested it is only paperwork", channel="release")
    assert outcome.text == "Only <@UAMP> can waive a gate."
    tried(ready, "tested", "olga")
    outcome = await ready.says("olga", "/gate waive go", channel="release")
    assert outcome.text == "Nobody can waive a go/no-go. Only <@UAMP> can waive the gates that keep it from GO."
    outcome = await ready.says("amp", "/gate waive go", channel="release")
    assert "Nobody can waive a go/no-go" in outcome.text
    assert ready.row("gate", "tested").state == "ready"


async def test_nobody_has_the_right_to_change_a_gate_that_has_passed(ready):
    for text in ("withdraw validated", "untick validated 1", "reject validated too late", "sign validated"):
        outcome = await ready.says("olga", f"/gate {text}", channel="release")
        assert "and is closed" in outcome.text
    assert len(ready.entries("gate", "refused", "validated")) == 4


async def test_only_whom_the_plan_names_has_the_right_to_tick_a_gates_criterion(world):
    outcome = await world.says("sc", "/gate tick validated 1", channel="release")
    assert "Only <@UOLGA>, <@UPA> or <@UPB> can tick that" in outcome.text
    tried(world, "validated", "sc")


async def test_who_has_no_right_to_reject_a_gate_reads_who_has_before_any_form_opens(ready):
    for person in ("pb", "amp", "obi"):
        outcome = await ready.says(person, "/gate reject tested", channel="release")
        assert not ready.slack.views(person)
        assert ("Only <@UOLGA> or <@USARA> can reject it" in outcome.text) == (person != "obi")
        tried(ready, "tested", person)
    assert "You can't act for <@UOLGA>" in (await ready.says("pb", "/gate reject tested for <@UOLGA>", "release")).text


async def test_the_slack_form_to_reject_a_gate_keeps_for_whom_it_is(ready):
    await ready.says("olga", "/gate hand tested to <@UPA>", channel="release")
    shown = await ready.opens("pa", "/gate reject tested for <@UOLGA>", "release")
    assert "For <@UOLGA>" in shown
    assert "You said no." in await ready.submits("pa", {"Why": "the report has no names"})
    assert ready.entries("gate", "rejected", "tested")[0].on_behalf_of == "olga"
