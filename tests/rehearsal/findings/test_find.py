"""What is found in a plan, and that nothing that a check takes breaks the search."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from functools import cache, reduce
from operator import getitem
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.app import sections
from callboard.planfile.check import check_body
from callboard.planfile.paths import walk
from callboard.plans import service as plans
from callboard.rehearsal import findings
from callboard.rehearsal.findings import Kind
from tests.planfile.sample import EVERYTHING
from tests.rehearsal.findings.breaks import planted, text, unbroken

BOTH_AWAY = text("harbor").replace("slack: U0BELEAD,", "slack: U0BELEAD, away: [2026-03-26],").replace(
    "slack: U0BE1,", "slack: U0BE1, away: [2026-03-26],"
)  # fmt: skip


ACTING = "Coordinator is paged for them then, but can't sign for them."


def faults(source, **more):
    checked = plans.check(source, "harbor.yml", sections())
    return [each for each in findings.find(checked, **more) if each.kind is Kind.FAULT]


def test_findings_of_a_plan_with_errors_are_none():
    assert findings.find(plans.check(text("harbor").replace("callboard: 1", "callboard: 2"), "x", sections())) == []


def test_findings_leave_out_what_is_over_and_what_has_passed():
    told = {each.what for each in faults(BOTH_AWAY)}
    assert "Preparation complete can't be signed on Thu 26 Mar, 17:00." in told
    assert faults(BOTH_AWAY, now=datetime(2026, 3, 27, 6, tzinfo=UTC)) == []
    later = {each.what for each in faults(BOTH_AWAY, passed=["prepared"])}
    assert told - later == {"Preparation complete can't be signed on Thu 26 Mar, 17:00."}


def test_findings_name_what_keeps_the_dates_of_a_no_go_from_moving():
    live = "live: {name: Go-live, from: 2026-04-01 12:00, to: 2026-04-02 18:00"
    moving = text("harbor").replace(live, "live: {name: Go-live, from: target, to: 2026-04-02 10:00")
    told = {each.what: each for each in faults(moving)}
    stuck = told["After a NO-GO, Go or no-go can't be tried again."]
    assert "phases.live.to: 2026-04-02 10:00 is not after 2026-04-02 12:00" in stuck.why
    assert "`target + 1d`" in stuck.instead
    assert not any("tried again" in each.what for each in faults(text("harbor")))


def test_findings_advise_everybodys_own_clock_only_where_a_plan_can_have_one():
    checked = plans.check(text("harbor").replace("at: 2026-03-25 13:00", "at: 2026-03-26 02:00"), "x", sections())
    asleep = [each for each in findings.find(checked) if "asked at night" in each.what]
    assert asleep
    assert all("clock: person" not in each.instead for each in asleep)


def test_findings_are_read_as_three_lines_each_and_a_summary():
    lines = list(findings.as_text("harbor.yml", faults(BOTH_AWAY)[:1]))
    number = next(n for n, line in enumerate(BOTH_AWAY.splitlines(), 1) if "U0BELEAD" in line)
    assert lines == [
        f"harbor.yml:{number}: fault: Backend lead and Backend one are away at the same time.",
        f"    On Thu 26 Mar, 01:00 the deputy is away, too. {ACTING}",
        "    Name a second deputy, or move one of the absences.",
        "harbor.yml: 1 fault",
    ]


@pytest.mark.parametrize(
    ("estimate", "says"),
    [
        ("1d", None),
        ("{low: 1h, likely: 1d, high: 1d}", None),
        ("2d", "takes at least 20 h of working time: that is Thu 26 Mar, 18:00."),
        ("24h", "takes at least 24 h of working time: that is Fri 27 Mar, 12:00."),
        ("1w", "takes at least 50 h of working time: that is Tue 31 Mar, 18:00."),
    ],
)
def test_findings_take_a_day_of_an_estimate_for_a_day_of_work(estimate, says):
    plan = text("harbor").replace(
        "due: 2026-03-25 16:00, estimate: 2h-4h", f"due: 2026-03-25 18:00, estimate: {estimate}"
    )
    told = [each.why for each in faults(plan) if each.what.startswith("T-1")]
    assert [why.partition(" and ")[2] for why in told] == ([says] if says else [])


def test_findings_of_the_same_plan_are_the_same():
    assert findings.find(unbroken("prismq")) == findings.find(plans.check(text("prismq"), "plan.yml", sections()))


MORE = (
    ("standups/1", {"standups/1/timezone": "Asia/Tokyo"}, "are asked at night: Leads."),
    ("standups/1", {"noise/pages_per_hour": 1}, "are asked too much at once."),
    ("on_call/ops", {"people/ops-lead/away": ["2026-03-25"], "people/ops-1/away": ["2026-03-25"]},
     "Coordinator is on call for Operations from Wed 25 Mar, 08:00, and takes no turns there."),
    ("tasks/T-5/status", {"tasks/T-5/status": "blocked"}, "T-5 (Monitoring) is blocked, and nobody is on it."),
    ("escalation/fast/steps/1", {"escalation/fast/steps/1/notify": ["ops"]},
     "Step 2 (Coordinator) of the ladder `fast` calls the same people as step 1."),
    ("runbooks/go-live/drill", {"runbooks/go-live/drill/channel": "urgent"},
     "Drills of `go-live` are in the channel where the real thing is told."),
    ("alerts/0/page", {"alerts/0/page": ["exec"], "people/exec/away": ["2026-03-30"],
                       "people/chief/away": ["2026-03-30"]}, "Nobody hears the alert HighErrorRate."),
    ("tasks/T-2/needs", {"tasks/T-1/due": "2026-03-26 17:00"}, "T-2 (API) is due before what it needs."),
    ("meetings/1", {"people/chief/away": ["2026-03-27"], "people/chief/deputies": None},
     "Nobody leads the meeting Review on Fri 27 Mar, 15:00."),
    ("escalation/fast/steps/1", {"escalation/fast/steps/1/after": "9d"},
     "Step 2 (Coordinator) of the ladder `fast` is never called."),
    ("escalation/default/steps/1", {"people/chief/responds_within": "20m"},
     "Step 2 (Coordinator) of the ladder `default` does not wait long enough."),
    ("escalation/default/steps/0", {"escalation/default/steps/1/after": "10m"},
     "Step 1 (Team) of the ladder `default` is called off before its time is over."),
    ("runbooks/go-live/steps/deploy/turn_back", {"runbooks/go-live/steps/deploy/turn_back": "4h"},
     "It is too late to turn back from Deploy before it begins."),
    ("emergencies/1/resolve_within", {"emergencies/1/resolve_within": "30d"},
     "`emergencies.1.resolve_within` is longer than the plan."),
    ("people/chief/responds_within", {"people/chief/responds_within": "30d"},
     "`people.chief.responds_within` is longer than the plan."),
)  # fmt: skip
VACANT = (
    # A seat that nobody has is the only one that this place names.
    ("runbooks/go-live/steps/smoke/lead", "ghost", "Nobody can lead the step Smoke tests."),
    ("risks/0/indicators/0/ask", "ghost", "Nobody can answer about the risk `Timeline slips`."),
    ("risks/0/owner", "ghost", "`risks[1].owner` means nobody who is there."),
    ("reports/daily/to", ["ghost"], "`reports.daily.to` means nobody who is there."),
    ("triggers/0/tell", ["ghost"], "`triggers[1].tell` means nobody who is there."),
    ("preflight/who", ["ghost"], "`preflight.who` means nobody who is there."),
    ("runbooks/go-live/steps/smoke/confirm", ["ghost"], "confirm` means nobody who is there."),
)  # fmt: skip


@pytest.mark.parametrize(("where", "changes", "what"), MORE)
def test_findings_of_each_family_are_at_their_lines(where, changes, what):
    assert what in " ".join(each.what for each in planted("harbor", where, where, changes).found)


@pytest.mark.parametrize(("where", "words", "what"), VACANT)
def test_findings_name_every_place_that_means_only_a_vacant_seat(where, words, what):
    broken = planted("harbor", where, where, {"people/ghost": {"name": "Nobody yet", "vacant": True}, where: words})
    assert [each.what for each in broken.found if what in each.what] != []


@pytest.mark.parametrize("where", ["reports/daily/to", "preflight/who", "runbooks/go-live/steps/smoke/confirm"])
def test_findings_name_every_place_that_means_only_somebody_who_is_never_there(where):
    gone = {"name": "Gone one", "slack": "U0GONE", "away": ["2026-03-25..2026-04-02"]}
    broken = planted("harbor", where, where, {"people/gone": gone, where: ["gone"]})
    assert "Gone one is away as long as the plan lasts." in [each.why for each in broken.found]


VALUES: tuple[Any, ...] = (
    None, True, 1, 10, "x", "2026-03-28", "2026-03-27 03:00", "target - 9d", "5m", "9h", "all", "everyone", "lead", [],
    {}, ["chief"], ["be-1", "be-2"], ["2026-03-25..2026-04-02"], [{"role": "coordinator"}],
)  # fmt: skip


@cache
def bodies():
    """The plans that are broken, each with its places."""
    sources = (text("harbor"), EVERYTHING.read_text())
    read = [dict(plans.check(source, "plan.yml", sections()).document.body) for source in sources]
    return [(body, [path for path, _ in walk(body) if path]) for body in read]


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_findings_never_break_on_a_plan_that_a_check_takes(data):
    body, places = data.draw(st.sampled_from(bodies()))
    broken = deepcopy(body)
    for path in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3)):
        value = data.draw(st.sampled_from(VALUES))
        try:
            reduce(getitem, path[:-1], broken)[path[-1]] = deepcopy(value)
        except (LookupError, TypeError):
            continue
    checked = check_body(broken, "plan.yml", sections())
    assert all(each.what and each.why and each.instead and each.line == 1 for each in findings.find(checked))


@pytest.mark.parametrize("away", ["2026-03-25..2026-04-02", "2026-04-01"])
def test_findings_never_break_where_everybody_is_away(away):
    body = deepcopy(dict(unbroken("harbor").document.body))
    for person in body["people"].values():
        person["away"] = [away]
    found = findings.find(check_body(body, "plan.yml", sections()))
    assert {each.what for each in found if each.kind is Kind.FAULT} >= {"Nobody answers the poll for ops."}
