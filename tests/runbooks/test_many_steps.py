"""A run-book of many steps, and of many gates, asks for as many statements as a short one."""

from __future__ import annotations

import shutil

import pytest

from tests.growth import statements
from tests.runbooks.shipping import shipping
from tests.world import PLAN

DATABASES = ("sqlite",)  # how often is asked does not depend on the database
GATES = "  g{0}: {{name: Gate {0}, due: 2025-11-15 14:10, sign_off: [{{role: coordinator}}]}}\n"
STEP = "      - {{id: {0}, title: Step {0}, lead: omega, takes: 10m{1}}}\n"
TYPED = ("/run show", "/run delay s1 5m because it is slow", "/run confirm s1", "/run stop day because of the rain")


def plan(gated: int, more: int) -> str:
    """One step that runs, as many that wait only for a gate of their own, and `more` after the first."""
    gates = "".join(GATES.format(number) for number in range(2, 2 + gated))
    waiting = "".join(STEP.format(f"s{number}", f", gate: g{number}") for number in range(2, 2 + gated))
    follow = ((f"n{number}", f", needs: [{f'n{number - 1}' if number else 's1'}]") for number in range(more))
    others = "".join(STEP.format(*each) for each in follow)
    book = "runbooks:\n  day:\n    starts: {at: 2025-11-15 14:00}\n    steps:\n"
    return f"{PLAN}gates:\n{gates}{book}{STEP.format('s1', '')}{waiting}{others}"


@pytest.mark.parametrize(("gated", "more"), [(9, 3), (3, 48)], ids=["gates", "steps"])
async def test_steps_of_a_run_are_asked_about_at_once(database_url, sqlite_template, tmp_path, gated, more):
    few = await _asked(database_url, 3, 3)
    many = await _asked(f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}", gated, more)
    assert [each.before_sending for each in many] == [each.before_sending for each in few]
    assert all(len(after) < 2 * len(before) for before, after in zip(few, many, strict=True))


async def _asked(url: str, gated: int, more: int) -> list[statements.Statements]:
    asked = []
    async with shipping(url, plan(gated, more)) as world:
        await world.until("2025-11-15 14:00")
        for typed in TYPED:
            with statements.asked(world.app.db) as found:
                await world.says("amp", typed)
            asked.append(found)
    return asked


async def test_a_verb_of_a_step_reads_the_whole_run_once(database_url):
    async with shipping(database_url, plan(3, 3)) as world:
        await world.until("2025-11-15 14:00")
        with statements.asked(world.app.db) as found:
            await world.slack.command("amp", "omega", "/run delay s1 5m because it is slow")
        assert world.step("s1").extra == 300
    assert len([one for one in found.every if one.sql.startswith("SELECT") and "run_steps.leaders" in one.sql]) == 1


async def test_messages_of_a_run_that_are_written_together_look_at_it_once(database_url):
    leads = ("amp", "olga", "sara", "pa", "pb", "sc")
    steps = (STEP.format(f"of-{lead}", ", needs: [s1]").replace("lead: omega", f"lead: {lead}") for lead in leads)
    async with shipping(database_url, plan(1, 1) + "".join(steps)) as world:
        await world.until("2025-11-15 14:00")
        with statements.asked(world.app.db) as found:
            await world.says("amp", "/run confirm s1")
        assert all(world.dm(lead).count(f"You lead *Step of-{lead}* now") == 1 for lead in leads)
    looks = [one for one in found.every if one.sql.startswith("SELECT") and "run_steps.leaders" in one.sql]
    assert len(looks) <= 5
