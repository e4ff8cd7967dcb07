"""Plans as others would write them, in the ways of Fedora, Firefox and Kubernetes: they check, and do what they say."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callboard.gates import service
from callboard.gates.assessment import Look
from callboard.planfile import calendar
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from tests.planfile.sample import check
from tests.world import World

DATABASES = ("sqlite",)  # what differs between databases is in the stories of each capability
PLANS = {path.stem: path.read_text() for path in sorted((Path(__file__).parent / "elsewhere").glob("*.yml"))}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def living(database_url: str, name: str, begin: str) -> World:
    document = check(PLANS[name]).document
    people = [part["slack"].removeprefix("U").lower() for part in document.body["people"].values()]
    return World(database_url, PLANS[name], at=at(begin), people=people)


def instants(name: str, of: str) -> list[str]:
    """When something of a plan happens, in UTC."""
    document = check(PLANS[name]).document
    return [f"{each.at:%m-%d %H:%M}" for each in calendar.happenings(document) if each.name == of]


@pytest.mark.parametrize("name", PLANS)
def test_the_check_of_a_plan_from_elsewhere_finds_nothing(name):
    assert check(PLANS[name]).problems == []


def test_the_calendar_of_plans_from_elsewhere_keeps_their_zones_weeks_and_phases():
    assert instants("fedora", "Server working group")[:3] == ["08-19 17:00", "09-02 17:00", "09-16 17:00"]
    working_group = instants("fedora", "Workstation working group")
    assert {"10-27 14:00", "11-03 15:00"} <= set(working_group)  # 10:00 in New York, before and after the clocks change
    assert instants("fedora", "Candidate watch")[0] == "09-16 13:00"
    assert instants("firefox", "Train planning") == ["04-13 16:00", "05-11 16:00", "06-08 16:00"]
    assert instants("firefox", "Candidate watch") == [f"06-0{day} 06:00" for day in (2, 3, 4, 5, 8, 9)]
    shadows = ["01-20 14:30", "02-03 14:30", "02-17 14:30", "03-03 14:30", "03-17 13:30", "03-31 13:30", "04-14 13:30"]
    assert instants("kubernetes", "Shadows") == shadows
    assert instants("kubernetes", "Burndown")[:3] == ["03-20 17:00", "03-23 17:00", "03-25 17:00"]
    assert instants("kubernetes", "Enhancement frozen")[0] == "02-12 11:59"  # the end of the day anywhere on Earth


async def test_blocker_classes_as_fedora_has_them_hold_a_go_once_enough_accept_them(database_url):
    async with await living(database_url, "fedora", "2026-09-07 15:00") as world:
        await world.says("tester", "/blocker the installer forgets the disk layout")
        await world.says("tester", "/blocker propose 1 as beta-blocker")
        await world.says("qalead", "/blocker accept 1")
        await world.clicks("server", "Accept as beta-blocker", "Is blocker 1")
        assert "blocker 1 proposed" in (await world.says("fesco", "/gate show go-beta")).text
        await world.says("fesco", "/blocker accept 1")
        assert "No open beta-blocker: blocker 1 open" in (await world.says("fesco", "/gate show go-beta")).text
        assert "No open final-blocker: none open" in (await world.says("fesco", "/gate show go-final")).text
        await world.until("2026-09-10 18:00")
        world.channel("release").expect("Beta go or no-go", "NO-GO", "beta-blocker")
        moved = world.row("gate", "go-beta").due_at, world.row("gate", "go-final").due_at
        assert moved == (at("2026-09-17 18:00"), at("2026-10-22 18:00"))


async def test_each_candidate_as_firefox_has_them_lets_go_what_waits_for_it_alone(database_url):
    async with await living(database_url, "firefox", "2026-06-02 09:00") as world:
        await world.says("build", "/task claim PUSH-1")
        refused = (await world.says("build", "/task start PUSH-1")).text
        assert "the gate Release candidate signed off: RC-1 (`candidate/RC-1`) is not signed (0 of 3 met)" in refused
        for person, number in (("build", 1), ("qaone", 2), ("l10n", 3)):
            assert "Ticked" in (await world.says(person, f"/gate tick RC-1 {number}")).text
        await world.signs("owner", "RC-1")
        await world.signs("qalead", "RC-1")
        assert world.row("gate", "candidate/RC-1").state == "passed"
        assert world.row("gate", "candidate").state == "pending"
        await world.advance(minutes=1)
        assert world.row("task", "PUSH-1").status == "not started"
        world.channel("release").expect("PUSH-1", "can start")
        await world.says("build", "/task start PUSH-1")
        assert world.row("task", "PUSH-1").status == "in progress"
        world.apply(PLANS["firefox"].replace("[RC-1, RC-2]", "[RC-1]"))  # the second is not needed
        await world.settled()
        assert world.row("gate", "candidate").state == "passed"


def frozen(tx, item) -> str:
    """Tick and sign for one enhancement, as those who may."""
    key, directory = f"enhancement/{item}", teams.directory(tx, 1)

    def who(person):
        return Asker(directory, directory.people[person])

    owner = str(vars(Look(tx, service.gate(tx, 1, key)).part.sign_off[0])["owner"])
    for reading in Look(tx, service.gate(tx, 1, key)).readings:
        service.tick(tx, who("enhancements"), key, reading.key)
    for person in (owner, "enhancements"):
        service.sign(tx, who(person), key, Look(tx, service.gate(tx, 1, key)).content)
    return owner


async def test_enhancements_as_kubernetes_has_them_pass_each_and_all_and_its_roles_meet_in_their_zone(database_url):
    async with await living(database_url, "kubernetes", "2026-02-03 14:00") as world:
        await world.advance(minutes=29)
        world.dm("comms").expect_nothing("Shadows")
        await world.advance(minutes=2)
        world.dm("comms").expect("Shadows")
        assert "0 of 60 KEPs passed" in (await world.says("enhance", "/gate list")).text
        transact = world.app.db.transact
        owners = [transact(frozen, f"KEP-{number}") for number in (4001, 4031, 4045, 4050, 4051)]
        assert owners == ["node-lead", "auth-lead", "storage-lead", "auth-lead", "storage-lead"]
        await world.settled()
        assert "5 of 60 KEPs passed" in (await world.says("enhance", "/gate list")).text
        # What is not frozen in time leaves the release.
        left = re.sub(r"items: .*", "items: [KEP-4001, KEP-4031, KEP-4045, KEP-4050, KEP-4051]", PLANS["kubernetes"])
        world.apply(re.sub(r"owner: \{node-lead.*", "owner: {auth-lead: [KEP-4031, KEP-4050], '*': node-lead}", left))
        await world.settled()
        assert world.row("gate", "enhancement").state == "passed"
