"""Escalations of other programs become policies that `check` takes, and every line of their file is told of."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from callboard.app import sections
from callboard.cli.main import main
from callboard.core.errors import Refused
from callboard.imports import policies, values
from callboard.planfile import check
from callboard.runbooks.plan.documents import text
from tests.planfile.heavy import BOMBS
from tests.runbooks.test_documents import PLAN as HARBOR
from tests.runbooks.test_documents import TODAY

END = "# the end of the plan\n"
TURNS = """\
on_call:
  web: {rotation: [will], every: 1w, from: 2026-03-16 09:00}
"""
PLAN = HARBOR.replace(END, TURNS + END)
PAGERDUTY: dict[str, Any] = {
    "escalation_policies": [
        {
            "id": "PANZZEQ", "type": "escalation_policy", "name": "Engineering", "num_loops": 1,
            "description": "All of it",
            "escalation_rules": [
                {"id": "P1", "escalation_delay_in_minutes": 15, "targets": [
                    {"id": "PUSER1", "type": "user_reference", "summary": "Olga Ott"},
                    {"id": "PSCHED1", "type": "schedule_reference", "summary": "Web primary"}]},
                {"id": "P2", "escalation_delay_in_minutes": 30,
                 "targets": [{"id": "PUSER2", "type": "user_reference", "summary": "Nora New"}]},
            ],
        }
    ],
    "limit": 25,
}  # fmt: skip
OPSGENIE = """\
data:
  - name: Backend night
    rules:
      - condition: if-not-acked
        notifyType: default
        delay: {timeAmount: 5, timeUnit: minutes}
        recipient: {type: schedule, name: Web_schedule}
      - condition: if-not-closed
        notifyType: all
        delay: {timeAmount: 1, timeUnit: hours}
        recipient: {type: team, name: Operations}
    repeat: {waitInterval: 15, count: 1, closeAlertAfterAll: true}
took: 0.3
"""
GRAFANA = {
    "escalation_chains": [{"id": "F5J", "name": "Default"}],
    "users": [{"id": "U4D", "email": "olga@example.com", "username": "oo"}],
    "escalation_policies": [
        {
            "id": "E1",
            "escalation_chain_id": "F5J",
            "position": 0,
            "type": "notify_persons",
            "persons_to_notify": ["U4D"],
        },
        {"id": "E2", "escalation_chain_id": "F5J", "position": 1, "type": "wait", "duration": 300},
        {"id": "E4", "escalation_chain_id": "F5J", "position": 3, "type": "notify_whole_channel"},
        {"id": "E3", "escalation_chain_id": "F5J", "position": 2, "type": "trigger_webhook", "action_to_trigger": "W"},
        {"id": "E5", "escalation_chain_id": "F5J", "position": 4, "type": "resolve"},
    ],
}

FULL_PAGERDUTY = {
    "escalation_policies": [{
        "id": "PE1", "type": "escalation_policy", "summary": "Nights", "name": "Nights", "num_loops": 2,
        "self": "https://api.example.com/escalation_policies/PE1", "html_url": None, "description": "For the nights",
        "on_call_handoff_notifications": "if_has_services", "repeat_enabled": True, "privilege": None,
        "teams": [{"id": "PT1", "type": "team_reference", "summary": "Harbor", "self": None, "html_url": None}],
        "services": [{"id": "PS1", "type": "service_reference", "summary": "Checkout", "self": "https://x"}],
        "escalation_rules": [{
            "id": "PR1", "escalation_delay_in_minutes": 10,
            "escalation_rule_assignment_strategy": {"type": "round_robin"},
            "targets": [
                {"id": "PU1", "type": "user", "summary": "Olga Ott", "name": "Olga Ott", "email": "olga@example.com",
                 "time_zone": "Europe/Berlin", "color": "red", "role": "admin", "job_title": "",
                 "invitation_sent": False, "contact_methods": [{"id": "PC1", "type": "email_contact_method_reference"}],
                 "notification_rules": [{"id": "PN1", "type": "assignment_notification_rule_reference"}]},
                {"id": "PSC", "type": "schedule", "summary": "Web primary", "description": "Turns", "time_zone": "UTC"},
            ],
        }],
    }],
    "limit": 25, "offset": 0, "more": True, "total": None,
}  # fmt: skip
FULL_OPSGENIE = {
    "data": [{
        "id": "0a1", "name": "Nights", "description": "For the nights",
        "ownerTeam": {"id": "0b2", "name": "Operations"},
        "rules": [{
            "condition": "if-not-acked", "notifyType": kind, "delay": {"timeAmount": number, "timeUnit": unit},
            "recipient": {"type": to, "id": "0c3", to: name},
        } for number, (kind, unit, to, name) in enumerate([
            ("default", "minutes", "username", "olga@example.com"), ("next", "minutes", "name", "Web_schedule"),
            ("admins", "hours", "name", "Operations"), ("random", "days", "name", "Operations"),
        ])],
        "repeat": {"waitInterval": 10, "count": 2, "resetRecipientStates": True, "closeAlertAfterAll": False},
    }],
    "took": 0.046, "requestId": "6a7", "paging": {"next": "https://x", "first": "https://x", "last": "https://x"},
}  # fmt: skip
EVERY_STEP: tuple[dict[str, object], ...] = (
    {"type": "notify_persons", "persons_to_notify": ["UO"], "important": True},
    {"type": "wait", "duration": 60},
    {"type": "notify_person_next_each_time", "persons_to_notify_next_each_time": ["UO"]},
    {"type": "wait", "duration": 900}, {"type": "notify_on_call_from_schedule", "notify_on_call_from_schedule": "SW"},
    {"type": "notify_user_group", "group_to_notify": "GO"},
    {"type": "notify_team_members", "notify_to_team_members": "TO"},
    {"type": "notify_team_members", "team_to_notify": "TO", "important": False}, {"type": "notify_whole_channel"},
    {"type": "notify_if_time_from_to", "notify_if_time_from": "09:00:00Z", "notify_if_time_to": "18:00:00Z"},
    {"type": "notify_if_num_alerts_in_window", "num_alerts_in_window": 3, "num_minutes_in_window": 5},
    {"type": "trigger_webhook", "action_to_trigger": "W1"}, {"type": "declare_incident", "severity": "critical"},
    {"type": "resolve"}, {"type": "repeat_escalation"}, {"type": "what_comes_next", "whom": "UO"},
)  # fmt: skip
FULL_GRAFANA = {
    "escalation_chains": {"count": 1, "next": None, "results": [{"id": "F1", "name": "Nights", "team_id": "TO"}]},
    "users": {"results": [{"id": "UO", "email": "olga@example.com", "username": "oo", "role": "admin", "slack": []}]},
    "schedules": {"results": [{"id": "SW", "name": "Web primary", "type": "web", "time_zone": "UTC"}]},
    "escalation_policies": {"count": 16, "current_page_number": 1, "page_size": 50, "total_pages": 1, "results": [
        {"id": f"E{at}", "escalation_chain_id": "F1", "position": at, **step} for at, step in enumerate(EVERY_STEP)
    ]},
}  # fmt: skip
"""All that their documents name, also what is optional, in our own words."""


def imported(content: bytes | str | object, plan: str = ""):
    words = content if isinstance(content, str | bytes) else json.dumps(content, indent=1)
    document = check.check(plan, "plan.yml", sections()).document if plan else None
    made = policies.imported(
        words.encode() if isinstance(words, str) else words, "on.json", sections(), today=TODAY, document=document
    )
    source = text.within(plan, made.sections, made.body, sections()) if plan else text.block(made.body)
    assert check.check(source, "plan.yml", sections()).errors == []
    return made


def steps(made, policy):
    return [
        [each["notify"], each.get("after"), each.get("respond_within")]
        for each in made.sections["escalation"][policy]["steps"]
    ]


def told(made, kind):
    return [each.words for each in made.draft.verdicts if each.kind == kind]


def test_a_policy_of_pagerduty_pages_the_same_people_after_the_same_time_and_its_loops_are_steps():
    made = imported(PAGERDUTY, PLAN)
    assert steps(made, "engineering") == [
        [["olga", {"on_call": "web"}], None, "15m"],
        [["nora-new"], None, "30m"],
        [["olga", {"on_call": "web"}], "45m", "15m"],
        [["nora-new"], "1h", "30m"],
    ]
    assert made.sections["people"] == {"nora-new": {"name": "Nora New", "vacant": True}}
    assert told(made, "vacant") == ["`nora-new` for Nora New: nobody in the plan is called so"]
    assert told(made, "left out") == ["description: All of it", "limit: 25"]


def test_one_rule_that_loops_is_one_step_that_repeats():
    rule = PAGERDUTY["escalation_policies"][0]["escalation_rules"][1]
    made = imported({"escalation_policy": {"name": "Alone", "num_loops": 3, "escalation_rules": [rule]}})
    (step,) = made.sections["escalation"]["alone"]["steps"]
    assert (step["repeat_every"], step["back_off"], step["at_most"]) == ("30m", 1, 3)


def test_rules_of_opsgenie_count_from_the_alert_and_nothing_closes_by_itself():
    made = imported(OPSGENIE, PLAN)
    assert steps(made, "backend-night") == [
        [[{"on_call": "web"}], "5m", "55m"],
        [["ops"], None, None],
        [[{"on_call": "web"}], "1h20m", "55m"],
        [["ops"], "2h15m", None],
    ]
    assert "the alert closes by itself after all repeats: Callboard never does that" in told(made, "left out")
    assert "took: 0.3" in told(made, "left out")
    assert told(made, "not taken")[0].startswith("it also tells of what is acknowledged")


def test_steps_of_grafana_go_by_their_position_and_people_by_the_users_of_the_file():
    made = imported(GRAFANA, PLAN)
    assert steps(made, "default") == [[["olga"], None, "5m"], [["#harbor"], None, None]]
    assert "it resolves by itself: Callboard never does that" in told(made, "left out")
    assert "it calls a webhook: a step tells people and channels only" in told(made, "left out")
    assert told(made, "known") == ["olga@example.com"]


def test_a_chain_in_terraform_is_named_by_its_block():
    made = imported({"resource": {"grafana_oncall_escalation": {"first": {
        "escalation_chain_id": "${grafana_oncall_escalation_chain.night.id}", "type": "notify_on_call_from_schedule",
        "notify_on_call_from_schedule": "${grafana_oncall_schedule.web_rota.id}", "position": 0}}}}, PLAN)  # fmt: skip
    assert steps(made, "night") == [[[{"on_call": "web"}], None, None]]


def test_a_schedule_without_turns_in_the_plan_tells_the_leads_and_one_without_team_a_seat():
    made = imported(json.dumps(PAGERDUTY).replace("Web primary", "Operations rota").replace("Nora New", "X"), PLAN)
    assert made.sections["escalation"]["engineering"]["steps"][0]["notify"] == ["olga"]
    assert "write `on_call:` of `ops`" in told(made, "not taken")[0]
    made = imported(json.dumps(PAGERDUTY).replace("Web primary", "Mars"), PLAN)
    assert made.sections["escalation"]["engineering"]["steps"][0]["notify"] == ["olga", "mars"]
    assert "no team of the plan has the schedule Mars" in told(made, "not understood")[0]


def test_schedules_whose_names_have_no_team_in_them_keep_their_names():
    rules = [{"delay": delay, "recipient": {"type": "schedule", "id": name}}
             for delay, name in ((0, "primary-oncall"), (5, "Secondary On-Call"))]  # fmt: skip
    made = imported({"name": "Ops", "rules": rules})
    assert [team["name"] for team in made.sections["teams"].values()] == ["primary-oncall", "Secondary On-Call"]
    assert [step["notify"] for step in made.sections["escalation"]["ops"]["steps"]] == [
        ["primary-oncall-lead"], ["secondary-on-call-lead"],
    ]  # fmt: skip


def test_what_terraform_shows_as_json_is_read():
    policy = {"name": "Nights", "num_loops": None, "rule": [
        {"escalation_delay_in_minutes": 10, "target": [{"id": "PABC123", "type": "user_reference"}]}]}  # fmt: skip
    made = imported({"values": {"root_module": {"resources": [
        {"address": "pagerduty_escalation_policy.ops", "values": policy},
        {"address": "pagerduty_user.olga", "values": {"id": "PABC123", "name": "Olga"}}]}}}, PLAN)  # fmt: skip
    assert steps(made, "nights") == [[["olga"], None, "10m"]]


def test_an_escalation_that_is_switched_off_needs_a_look():
    rules = [{"delay": 5, "notifyType": "default", "recipient": {"type": "user", "username": "olga@example.com"}}]
    made = imported({"name": "Ops", "enabled": False, "rules": rules})
    assert "it is switched off there: delete it here, unless you want it" in told(made, "not taken")
    assert "enabled" not in " ".join(told(made, "left out"))


def test_a_team_of_grafana_is_told_by_whatever_key_names_it():
    for key in ("notify_to_team_members", "team_to_notify"):
        step = {
            "id": "E1",
            "escalation_chain_id": "F1",
            "position": 0,
            "type": "notify_team_members",
            key: "Operations",
        }
        assert steps(imported([step], PLAN), "f1") == [[["ops"], None, None]]


@pytest.mark.parametrize("content", [PAGERDUTY, OPSGENIE, GRAFANA, FULL_PAGERDUTY, FULL_OPSGENIE, FULL_GRAFANA])
def test_every_line_is_told_of(content):
    words = content if isinstance(content, str) else json.dumps(content, indent=1)
    made = imported(words, PLAN)
    lines = {line for each in made.draft.verdicts for line in range(each.line, each.last + 1)}
    for number, line in enumerate(words.splitlines(), 1):
        is_frame = not any(mark.isalnum() for mark in line.partition(":")[2 if ":" in line else 0])
        assert number in lines or is_frame, (number, line)


def test_what_is_one_page_of_several_is_told_of():
    for page in (FULL_PAGERDUTY, FULL_OPSGENIE | {"paging": {"next": "https://api.example.com/v2?offset=100"}}):
        assert "the pages behind this one" in " ".join(told(imported(page), "not taken"))
    assert "pages behind" not in " ".join(told(imported(FULL_PAGERDUTY | {"more": False}), "not taken"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{\n\n 'a': [}", "Line 3: this is neither JSON nor YAML"),
        ("a: &b [1]\nc: *b\n", "Line 2: write the value out instead of `*name`."),
        ("[1, 2]", "No escalation is in this file"),
        ("hello", "No escalation is in this file"),
        (
            '# ours\nresource "pagerduty_escalation_policy" "ops" {\n  name = "Ops"\n}\n',
            "This is Terraform's own language: ",
        ),
        ("", "The file is empty."),
        (
            {"name": "N", "rules": [{"notifyType": "all", "delay": 1}]},
            "Nobody is told by the 1 escalation of Opsgenie in this file.",
        ),
    ],
)
def test_what_is_no_escalation_is_refused_in_a_sentence(content, sentence):
    with pytest.raises(Refused) as refused:
        imported(content)
    assert refused.value.sentence.startswith(sentence)


def test_the_command_writes_into_the_plan_and_reports(tmp_path):
    plan, file = tmp_path / "plan.yml", tmp_path / "og.yml"
    plan.write_text(PLAN)
    file.write_text(OPSGENIE)
    run = CliRunner().invoke(main, ["import", "policies", str(file), "--plan", str(plan), "--write"])
    assert (run.exit_code, run.stdout) == (0, f"1 policy of Opsgenie: in {plan}.\n")
    assert "Callboard never does that" in run.stderr
    written = plan.read_text()
    assert written.startswith(PLAN.splitlines()[0])
    assert check.check(written, "plan.yml", sections()).errors == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["type", "escalation_chain_id", "rules", "rule", "targets", "recipient", "delay", "id", "name",
                         "position", "persons_to_notify", "escalation_rules", "notifyType", "repeat",
                         "escalation_delay_in_minutes"]),
        inner | st.sampled_from(["notify_persons", "wait", "repeat_escalation", "resolve", "notify_whole_channel"]),
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(JSON)
def test_no_shape_of_a_file_breaks_it(content):
    try:
        imported(content)
    except Refused as refused:
        assert refused.sentence.startswith(("Nobody is told", "Line ", "This is", "No escalation", "The file"))  # noqa: PT017


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12) | st.sampled_from(
    ["Olga Ott", "web", "all leads", "x-", "coordinator", "lead", "${a.b.c}"]
)
NUMBERS = st.integers(-1, 10**7) | st.floats(allow_nan=False) | WORDS


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["user", "schedule_reference", "team", "user_reference"]),
    st.lists(st.tuples(NUMBERS, WORDS, WORDS), min_size=1, max_size=4), NUMBERS, WORDS, st.booleans(), st.booleans(),
)  # fmt: skip
def test_whatever_is_imported_checks(kind, rules, loops, name, pagerduty, with_plan):
    if pagerduty:
        written = [{"escalation_delay_in_minutes": wait, "targets": [{"type": kind, "id": key, "summary": who}]}
                   for wait, who, key in rules]  # fmt: skip
        content = {"name": name, "num_loops": loops, "escalation_rules": written}
    else:
        written = [{"delay": {"timeAmount": wait}, "notifyType": key, "recipient": {"type": kind, "name": who}}
                   for wait, who, key in rules]  # fmt: skip
        content = {"name": name, "rules": written, "repeat": {"count": loops, "waitInterval": loops}}
    try:
        imported(content, PLAN if with_plan else "")
    except Refused as refused:
        assert refused.sentence.startswith(("Nobody is told", "Line ", "This is"))  # noqa: PT017


@pytest.mark.parametrize("bomb", ["aliases of aliases", "merges of merges", "itself", "brackets", "one list"])
def test_an_import_refuses_a_file_that_stands_for_more_than_memory_holds(bomb):
    with pytest.raises(Refused):
        values.read(BOMBS[bomb].encode())
