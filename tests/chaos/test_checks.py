"""Each check of the chaos finds the fault that it is there for, planted in evidence that is right without it."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.chaos import company
from tests.chaos.checks import Finding, cards, holders, operations, pages, reads, sign_offs
from tests.chaos.evidence import Evidence, Shown
from tests.chaos.history import FAIL, INFO, INVOKE, OK
from tests.chaos.history import operations as paired
from tests.chaos.report import CHECKS

BEGAN = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
LEAD, ONE, TWO = company.crew(0)[:3]
LOOKOUT = company.ladder("s00")[0]
GATE = company.gates(0)[0]
TASK = company.tasks(0)[0]
FILE, FOLDER = "src/t00/0/f1.py", "src/t00/0/**"


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


class Story:
    """Evidence that is written down as a story goes: who did what, and what came of it."""

    def __init__(self) -> None:
        self.evidence = Evidence(sealed=1, ended_at=at(500))
        self._lines: list[dict[str, Any]] = []
        self._processes = 0

    def does(self, f: str, by: str, seconds: float, *, outcome: str = OK, lasts: float = 0.5, **value: Any) -> None:
        process, value = self._processes, {"by": by, **value}
        self._processes += 1
        self._lines.append({"type": INVOKE, "process": process, "f": f, "value": value, "time": int(seconds * 1e9)})
        if outcome != INFO:
            over = int((seconds + lasts) * 1e9)
            self._lines.append({"type": outcome, "process": process, "f": f, "value": value, "time": over})

    def entry(self, kind: str, number: int, verb: str, actor: str, seconds: float, *, said: str = "", **facts: Any):
        self.evidence.entries.append({
            "id": len(self.evidence.entries) + 1, "subject_kind": kind, "subject_id": number, "verb": verb,
            "actor": actor, "at": at(seconds), "said": said, "facts": facts,
        })  # fmt: skip

    def page(self, climb: int, step: int, person: str, seconds: float, why: str = "opened") -> str:
        """A page that was sent, and arrived."""
        key = f"page:{climb}:{step}:0:{person}:slack"
        self.evidence.deliveries.append({
            "key": key, "state": "sent", "medium": "slack", "subject_id": climb, "args": {"why": why},
            "created_at": at(seconds), "left_as": None,
        })  # fmt: skip
        self.evidence.messages.append(Shown(key, "D1", str(seconds)))
        self.evidence.asked.append(Shown(key, "D1", str(seconds), at=at(seconds + 0.2)))
        return key

    def card(self, number: int, icon: str, seconds: float) -> None:
        """The card of a blocker is shown so, for the first time or anew."""
        key, text = f"blocker:{number}:card", f":{icon}: *Blocker {number}*  mongo"
        edits = any(shown.key == key for shown in self.evidence.asked)
        shown = Shown(key, "C1", f"card {number}", text, at(seconds), edits=edits)
        self.evidence.asked.append(shown)
        self.evidence.messages = [one for one in self.evidence.messages if one.key != key] + [shown]
        if not edits:
            self.evidence.deliveries.append({"key": key, "state": "sent", "medium": "slack", "left_as": None})

    def told(self) -> Evidence:
        for index, line in enumerate(sorted(self._lines, key=lambda line: line["time"])):
            line["index"] = index
        self.evidence.ops = list(paired(sorted(self._lines, key=lambda line: line["time"])))
        return self.evidence


def a_day() -> Story:
    """Blockers, locks, a task and a gate, as they should go."""
    story = Story()
    story.does("raise", ONE, 1, about=1, token="tok1q1q")
    story.entry("blocker", 1, "raised", ONE, 1.1, said="tok1q1q mongo")
    story.page(1, 0, LEAD, 1.1)
    story.entry("blocker", 1, "paged", "callboard", 1.1, why="opened", people=[LEAD])
    story.card(1, "red_circle", 1.5)
    story.page(1, 1, LOOKOUT, 5.1, "no response")
    story.entry("blocker", 1, "paged", "callboard", 5.1, why="no response", people=[LOOKOUT])
    story.does("ack", LEAD, 6, about=1)
    story.entry("blocker", 1, "acknowledged", LEAD, 6.2)
    story.card(1, "large_yellow_circle", 6.6)
    story.does("resolve", LEAD, 30, about=1, token="tok0q1q")
    story.entry("blocker", 1, "resolved", LEAD, 30.1, said="tok0q1q")
    story.does("ack", LEAD, 31, outcome=FAIL, about=1)
    story.does("show", TWO, 32, about=1, said=":large_green_circle: *Blocker 1*")
    story.card(1, "large_green_circle", 31)
    story.does("lock", ONE, 10, about=1, path=FILE, token="tok1q2q")
    story.entry("lock", 1, "acquired", ONE, 10.2, said="tok1q2q", holder=ONE, targets=[FILE], until=at(70).isoformat())
    story.does("release", ONE, 20, about=1)
    story.entry("lock", 1, "released", ONE, 20.1)
    story.does("lock", TWO, 21, about=2, path=FOLDER, token="tok2q1q")
    story.entry(
        "lock", 2, "acquired", TWO, 21.2, said="tok2q1q", holder=TWO, targets=[FOLDER], until=at(81).isoformat()
    )
    story.does("claim", ONE, 11, about=TASK, answers=["Still working on it.", "T00-1 is yours.", "T00-1 is yours."])
    story.entry("task", 1, "claimed", ONE, 11.2, change=1, standing={"people": [ONE]})
    story.does("give back", ONE, 15, about=TASK)
    story.entry("task", 1, "given back", ONE, 15.2, change=2, standing={"people": []})
    story.does("read task", "reader 0", 16, sees={TASK: 2})
    story.does("read blocker", "reader 0", 6.05, lasts=0.5, sees={"1": "open"})
    for place, key in enumerate(("the-build", "the-notes")):
        story.does("tick", TWO, 40 + place, about=GATE)
        story.entry("gate", 1, "ticked", TWO, 40.1 + place, key=key)
    for place, person in enumerate((LEAD, ONE)):
        story.does("sign", person, 50 + place, about=GATE)
        story.entry("gate", 1, "signed", person, 50.1 + place)
    story.entry("gate", 1, "passed", ONE, 51.1)
    evidence = story.evidence
    trail = [{"step": 0, "repetition": 0, "people": [LEAD], "missed": [], "why": "opened"},
             {"step": 1, "repetition": 0, "people": [LOOKOUT], "missed": [], "why": "opened"}]  # fmt: skip
    evidence.climbs = [{"id": 1, "subject_kind": "blocker", "subject_id": 1, "opened_at": at(1.1), "trail": trail}]
    evidence.blockers = [{"id": 1, "state": "resolved"}]
    nobody_answers(story, 2, 70)
    nobody_answers(story, 3, 80)
    story.does("ack", LEAD, 110, about=2)
    story.entry("blocker", 2, "acknowledged", LEAD, 110.1)
    evidence.tasks = [{"id": 1, "key": TASK}]
    evidence.gates = [{"id": 1, "key": GATE, "state": "passed"}]
    evidence.signatures = [{"gate_id": 1, "person": person, "state": "standing"} for person in (LEAD, ONE)]
    return story


def nobody_answers(story: Story, number: int, seconds: float) -> None:
    """Somebody raises a blocker, which climbs to its last step."""
    token = f"tok2q{number}q"
    story.does("raise", TWO, seconds, about=number, token=token)
    story.entry("blocker", number, "raised", TWO, seconds, said=f"{token} redis")
    trail: list[dict[str, Any]] = []
    for step, person in enumerate((LEAD, *company.ladder("s01"))):
        why = "no response" if step else "opened"
        story.page(number, step, person, seconds + company.STEP * step, why)
        story.entry("blocker", number, "paged", "callboard", seconds + company.STEP * step, why=why, people=[person])
        trail.append({"step": step, "repetition": 0, "people": [person], "missed": [], "why": "opened"})
    story.evidence.climbs.append({
        "id": number, "subject_kind": "blocker", "subject_id": number, "opened_at": at(seconds), "trail": trail,
    })  # fmt: skip
    story.evidence.blockers.append({"id": number, "state": "acknowledged"})


def drops(evidence: Evidence, verb: str, number: int = 1) -> None:
    evidence.entries = [one for one in evidence.entries if (one["verb"], one["subject_id"]) != (verb, number)]


def an_answer_is_lost(story: Story) -> None:
    drops(story.evidence, "acknowledged")


def a_raised_blocker_is_lost(story: Story) -> None:
    drops(story.evidence, "raised")


def a_refusal_has_an_effect(story: Story) -> None:
    story.entry("blocker", 1, "acknowledged", LEAD, 31.2)


def a_command_is_done_twice(story: Story) -> None:
    story.entry("blocker", 2, "raised", ONE, 1.3, said="tok1q1q mongo")


def an_answer_changes(story: Story) -> None:
    story.does("claim", TWO, 60, outcome=FAIL, about=TASK, answers=["T00-1 is yours.", "Somebody has T00-1."])


def something_old_is_shown(story: Story) -> None:
    story.does("show", TWO, 40, about=1, said=":large_yellow_circle: *Blocker 1*")


def something_old_is_read(story: Story) -> None:
    story.does("read task", "reader 0", 12, sees={TASK: 0})


def a_read_goes_back_behind_another(story: Story) -> None:
    story.does("read blocker", "reader 0", 6.05, lasts=0.3, sees={"1": "acknowledged"})
    story.does("read blocker", "reader 1", 6.4, sees={"1": "open"})


def a_page_is_lost(story: Story) -> None:
    story.evidence.messages = [one for one in story.evidence.messages if LOOKOUT not in one.key]


def a_page_is_never_written(story: Story) -> None:
    story.evidence.deliveries = [one for one in story.evidence.deliveries if LOOKOUT not in one["key"]]
    a_page_is_lost(story)


def a_step_is_left_out(story: Story) -> None:
    story.evidence.climbs.append({
        "id": 7, "subject_kind": "blocker", "subject_id": 7, "opened_at": at(100),
        "trail": [{"step": 0, "repetition": 0, "people": [], "missed": [], "why": "opened"}],
    })  # fmt: skip


def a_step_is_left_out_before_somebody_acts(story: Story) -> None:
    evidence, page = story.evidence, "page:2:2"
    evidence.climbs[1]["trail"].pop()
    evidence.deliveries = [one for one in evidence.deliveries if not one["key"].startswith(page)]
    evidence.messages = [one for one in evidence.messages if not one.key.startswith(page)]
    evidence.asked = [one for one in evidence.asked if not one.key.startswith(page)]
    evidence.entries = [one for one in evidence.entries if (one["subject_id"], one["at"]) != (2, at(78))]


def a_step_is_paged_twice(story: Story) -> None:
    climb = story.evidence.climbs[0]
    climb["trail"].append(copy.deepcopy(climb["trail"][0]))


def a_page_is_doubled(story: Story) -> None:
    story.evidence.messages += [one for one in story.evidence.messages if LEAD in one.key]


def a_page_is_unknown(story: Story) -> None:
    story.evidence.messages.append(Shown(f"page:9:0:0:{LEAD}:slack", "D1", "9"))


def a_card_is_doubled(story: Story) -> None:
    story.evidence.messages += [one for one in story.evidence.messages if "card" in one.key]


def a_message_waits_for_ever(story: Story) -> None:
    story.evidence.deliveries.append({"key": "note:1", "state": "waiting", "medium": "slack", "left_as": None})


def a_climb_goes_on(story: Story) -> None:
    place = next(n for n, one in enumerate(story.evidence.entries) if one["verb"] == "acknowledged")
    story.entry("blocker", 1, "paged", "callboard", 9.1, why="no response", people=[LOOKOUT])
    story.evidence.entries.insert(place + 1, story.evidence.entries.pop())


def a_page_comes_late(story: Story) -> None:
    asked = story.evidence.asked
    place = next(n for n, one in enumerate(asked) if LOOKOUT in one.key)
    asked[place] = replace(asked[place], at=at(25))


def a_lock_clashes(story: Story) -> None:
    drops(story.evidence, "released")


def two_are_told_that_they_hold_it(story: Story) -> None:
    story.does("lock", LEAD, 12, about=3, path=FILE, token="tok0q9q")
    story.entry("lock", 3, "acquired", LEAD, 12, said="tok0q9q", holder=LEAD, targets=["src/t00/1/f1.py"])


def a_task_has_two_owners(story: Story) -> None:
    place = next(n for n, one in enumerate(story.evidence.entries) if one["verb"] == "given back")
    story.entry("task", 1, "claimed", TWO, 12.2, standing={"people": [TWO]})
    story.evidence.entries.insert(place, story.evidence.entries.pop())


def a_signature_covers_too_little(story: Story) -> None:
    drops(story.evidence, "ticked")


def somebody_signs_for_another_team(story: Story) -> None:
    story.evidence.entries = [
        {**one, "actor": company.lead(1)} if (one["verb"], one["actor"]) == ("signed", LEAD) else one
        for one in story.evidence.entries
    ]


def a_gate_passes_on_too_few(story: Story) -> None:
    signed = [one for one in story.evidence.entries if one["verb"] == "signed"]
    story.evidence.entries.remove(signed[0])
    story.evidence.signatures.pop(0)


def somebody_signs_after_it_passed(story: Story) -> None:
    story.entry("gate", 1, "signed", TWO, 60)
    story.evidence.signatures.append({"gate_id": 1, "person": TWO, "state": "standing"})


def a_card_goes_back(story: Story) -> None:
    story.card(1, "red_circle", 35)
    story.card(1, "large_green_circle", 36)


def a_card_stays_behind(story: Story) -> None:
    story.evidence.messages = [
        replace(one, text=":red_circle: *Blocker 1*") if "card" in one.key else one for one in story.evidence.messages
    ]


def the_seal_is_broken(story: Story) -> None:
    story.evidence.broken.append("entry 2 was changed")


PLANTED = {
    an_answer_is_lost: operations.effects_are_there,
    a_raised_blocker_is_lost: operations.effects_are_there,
    a_refusal_has_an_effect: operations.refusals_have_none,
    a_command_is_done_twice: operations.done_once,
    an_answer_changes: operations.answers_stay,
    something_old_is_shown: reads.reads_are_recent,
    something_old_is_read: reads.reads_are_recent,
    a_read_goes_back_behind_another: reads.reads_are_recent,
    a_page_is_lost: pages.pages_are_sent_once,
    a_page_is_never_written: pages.steps_are_paged,
    a_step_is_left_out: pages.steps_are_paged,
    a_step_is_left_out_before_somebody_acts: pages.due_steps_are_paged,
    a_step_is_paged_twice: pages.steps_are_paged,
    a_page_is_doubled: pages.pages_are_sent_once,
    a_page_is_unknown: pages.pages_are_sent_once,
    a_card_is_doubled: pages.messages_are_sent_once,
    a_message_waits_for_ever: pages.messages_are_sent_once,
    a_climb_goes_on: pages.none_once_it_is_taken,
    a_page_comes_late: pages.none_arrives_late,
    a_lock_clashes: holders.locks_exclude,
    two_are_told_that_they_hold_it: holders.told_holders_exclude,
    a_task_has_two_owners: holders.tasks_have_one_owner,
    a_signature_covers_too_little: sign_offs.rules_hold,
    somebody_signs_for_another_team: sign_offs.rules_hold,
    a_gate_passes_on_too_few: sign_offs.rules_hold,
    somebody_signs_after_it_passed: sign_offs.rules_hold,
    a_card_goes_back: cards.cards_keep_order,
    a_card_stays_behind: cards.cards_show_what_is,
    the_seal_is_broken: CHECKS["the timeline is sealed whole"],
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS.keys())
def test_a_check_looks_at_a_day_that_went_well_and_finds_nothing(check):
    finding: Finding = check(a_day().told())
    assert finding.looked
    assert finding.wrong == []


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_check_finds_the_fault_that_is_planted(plant):
    story = a_day()
    plant(story)
    assert PLANTED[plant](story.told()).wrong


def test_a_step_that_was_left_out_before_somebody_acted_is_found_by_its_own_check_alone():
    story = a_day()
    a_step_is_left_out_before_somebody_acts(story)
    evidence = story.told()
    assert [name for name, check in CHECKS.items() if check(evidence).wrong] == [
        "no step left out that was due before somebody acted"
    ]


def test_what_was_refused_for_a_fault_may_be_done_by_another_try_where_it_is_delivered_several_times():
    story = a_day()
    story.does("ack", TWO, 60, outcome=FAIL, about=2, delivery=9, said="Something went wrong", answers=["Something"])
    refused = next(op for op in story.told().ops if op.value.get("delivery"))
    assert [refused.after({"9": times}).type for times in (1, 2)] == [FAIL, INFO]


def test_every_check_has_a_fault_that_it_was_tried_on():
    assert set(PLANTED.values()) == set(CHECKS.values())
