"""Awards: titles that the plan has for its teams, given once each, told once, named in the reports."""

from __future__ import annotations

import pytest

from callboard.app import sections
from callboard.planfile.check import check
from tests.world import PLAN, World

AWARDED = (
    PLAN
    + """\
reports:
  daily: {at: "18:00", to: ["#coordination"]}
awards:
  omega: [Backend infrastructure perfection, Security framework excellence]
  sigma: Best <tests> for all
"""
)


@pytest.fixture
async def company(database_url):
    async with World(database_url, AWARDED) as world:
        yield world


async def test_awards_are_announced_once_and_named_in_the_report_of_the_evening_and_in_the_closing_report(company):
    answer = await company.says("amp", "/plan award omega security framework EXCELLENCE for the audit")
    assert "Award 1 given: Omega, Security framework excellence." in answer.text
    assert answer.text.endswith("Undo")
    company.channel("release").expect("*Omega: Security framework excellence* for the audit. Award by <@UAMP>")
    assert "Award 2 given" in (await company.says("olga", "/plan award Sigma team Best <tests> for all for care")).text
    await company.says("stan", "/plan award")
    listed = company.slack.ephemerals("stan", "omega")[-1].shown
    assert "• Backend infrastructure perfection" in listed
    assert ":trophy: Security framework excellence  _award 1, from Amp" in listed
    await company.until("2025-11-13 18:00")
    company.channel("release").expect(
        "Daily report", "*Awards*", "Omega: Security framework excellence for the audit (Amp)", "for care"
    )
    await company.says("pa", "/plan closing")
    company.dm("pa").expect("*Awards* 2 awards.", "Omega, Security framework excellence, the audit, Amp")
    assert company.channel("release").count("Award by") == 2
    assert [entry.facts["title"] for entry in company.entries("award", "awarded")] == [
        "Security framework excellence", "Best <tests> for all"
    ]  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_awards_that_are_not_the_plans_or_not_ones_own_to_give_are_refused(company):
    for who, typed, answer in (
        ("amp", "omga Security framework excellence", "No team with awards is called `omga`; did you mean `omega`?"),
        ("amp", "omega Security framwork excellence", "did you mean `security framework excellence`?"),
        ("amp", "omega", "Which award of Omega? Write one of `Backend infrastructure perfection`"),
        ("amp", "sigma Best <tests>", "Sigma has no award `Best &lt;tests&gt;`; "),
        ("olga", "omega Security framework excellence", "You can't give an award to your own team."),
        ("pa", "sigma Best <tests> for all", "Only leads and coordinators can give awards: ask <@UAMP>, <@UOLGA> or"),
        ("stan", "sigma Best <tests> for all", "Only leads and coordinators can give awards"),
        ("amp", "withdraw 7", "There is no award 7 in Release."),
    ):
        assert answer in (await company.says(who, f"/plan award {typed}")).text, typed
    assert not company.entries("award", "awarded")


async def test_awards_are_given_once_until_they_are_withdrawn(company):
    await company.says("amp", "/plan award omega Security framework excellence")
    again = await company.says("sara", "/plan award omega Security framework excellence")
    assert "Omega already has this award, from <@UAMP>" in again.text
    assert "Only <@UAMP> can withdraw award 1" in (await company.says("sara", "/plan award withdraw 1")).text
    assert (await company.says("amp", "/plan award withdraw 1")).text == "Award 1 withdrawn."
    company.channel("release").expect("<@UAMP> withdrew an award of Omega: Security framework excellence.")
    assert "Award 2 given" in (await company.says("sara", "/plan award omega Security framework excellence")).text


async def test_awards_that_are_left_are_proposed_once_when_the_plan_is_over(company):
    await company.says("amp", "/plan award sigma Best <tests> for all")
    await company.until("2025-11-15 17:59")
    company.dm("amp").expect_nothing("Release is over")
    await company.jump(hours=72)
    await company.until("2025-11-19 09:00")
    left = company.dm("amp").expect("Release is over. 2 awards can still be given")
    assert "Best" not in left.shown
    await company.clicks("amp", "award.give", left, value="give:1:0:omega/backend-infrastructure-perfection")
    company.channel("release").expect("*Omega: Backend infrastructure perfection*. Award by <@UAMP>")
    company.dm("amp").expect("1 award can still be given")
    await company.says("amp", "/plan award omega Security framework excellence")
    company.dm("amp").expect("All 3 awards of Release are given")
    assert company.dm("amp").count("awards") == 1


def test_awards_name_teams_of_the_plan_and_each_title_once():
    text = PLAN + "awards: {omga: [Best], sigma: [Best, best]}\n"
    found = [problem.sentence for problem in check(text, "plan.yml", sections()).problems]
    assert "awards.omga: there is no team `omga`; did you mean `omega`?" in found
    assert "awards.sigma[2]: `best` is there twice: remove one" in found
