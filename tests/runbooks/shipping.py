"""A run-book of two teams, from 14:00 on the plan's last day, and how its story is told."""

from __future__ import annotations

from sqlmodel import col, select

from callboard.runbooks.models import RunStep
from tests.world import PLAN, World, at

HOUR = at("2025-11-15 13:30")
RUNBOOK = """\
gates:
  go: {name: Go or no-go, due: 2025-11-15 13:45, sign_off: [{role: coordinator}]}
on_call: {omega: {rotation: [pa, pb], every: 1d, from: 2025-11-13 09:00}}
runbooks:
  go-live:
    starts: {at: 2025-11-15 14:00}
    needs: [go]
    promised: 2025-11-15 16:00
    windows: {days: mon-sun, hours: "13:00-17:00"}
    drill: {before: 1d, channel: urgent}
    steps:
      - {id: announce, title: Go announced, lead: {role: coordinator}, takes: 10m}
      - {reserve: 15m, title: Catch up}
      - {id: deploy, title: Deploy, lead: omega, with: [sigma], takes: 20m-40m, within: 1h, turn_back: 25m, items: [Copy made, Doors shut],
         if_failed: {rollback: system, tell: ["#urgent"]}, meanwhile: {sigma: Prepare the smoke tests}}
      - {id: smoke, title: Smoke tests, lead: sigma, needs: [deploy], reported: api, takes: 10m, announce: {to: [stakeholder], say: It works}}
      - {id: notes, title: Release notes, lead: sc, needs: [announce], takes: 20m}
      - {id: watch, title: On-call begins, lead: omega, needs: [smoke, notes], takes: 5m, starts: on_call}
rollbacks:
  atomic: {within: 5m, scope: One file}
  system: {within: 30m, scope: The whole deployment, order: [coordinator], confirm: 2, steps: [Close the doors, Fetch the copy], validate: [Sign-in]}
"""  # noqa: E501 - a plan file
SHIPPING = PLAN + RUNBOOK


class Shipping(World):
    """The world at half past one of that day; everything before is left alone."""

    async def passes(self) -> None:
        """The gate that the run-book needs."""
        await self.signs("amp", "go")

    async def done(self, person: str, step: str) -> str:
        """Confirm a step, its checklist ticked; what the person read."""
        if self.step(step).open_items:
            await self.says(person, f"/run items {step} all")
        return str((await self.says(person, f"/run confirm {step}")).text)

    def step(self, key: str) -> RunStep:
        """A step as it is now, of the newest run that has it."""
        newest = select(RunStep).where(RunStep.key == key).order_by(col(RunStep.id).desc()).limit(1)
        return self.app.db.transact(lambda tx: tx.session.exec(newest).one())


def shipping(database_url: str, plan: str = SHIPPING) -> Shipping:
    return Shipping(database_url, plan, at=HOUR)
