"""Two workspaces on one Callboard, alike down to the ids of people and channels and the key of the plan."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import SecretStr
from slack_sdk.oauth.installation_store import Installation

from callboard.app.bot import App
from callboard.core.clock import ManualClock
from callboard.settings import Settings
from slack_standin import ChannelSpec, Front, RateLimits, UserSpec, WorkspaceSpec
from tests.world import MORNING, PATIENCE, PEOPLE, PLAN, World, manifest_of

EAST, WEST = "T0EAST", "T0WEST"
PUBLIC = "http://callboard.test/"
SECRET = "the secret of the app"


def spec(team: str, people: Any = PEOPLE) -> WorkspaceSpec:
    """A workspace like the other one, but for its name."""
    made = WorkspaceSpec(
        team_id=team, name=team.removeprefix("T0").title(),
        users=[UserSpec(name=name, is_admin=name == "amp") for name in (*people, "stranger")],
        channels=[ChannelSpec(name=name) for name in ("release", "urgent", "omega", "sigma")],
    )  # fmt: skip
    return made.with_manifest(manifest_of())


class Side(World):
    """One of the workspaces: what people do there, and what they see."""

    def __init__(self, two: Two, team: str) -> None:
        self.two, self.team = two, team
        self.slack, self.app, self.clock = two.front[team], two.app, two.clock
        self.indoors = False
        self.plan_id = 0

    def apply(self, text: str) -> None:
        super().apply(text)
        plan = f"{self.team}/release"
        self.plan_id = self.app.db.transact(lambda tx: _called(tx, plan))

    def row(self, kind: str, key: str | int, plan_id: int = 0) -> Any:
        return super().row(kind, key, plan_id or self.plan_id)

    def token(self, person: str, *scopes: str, plan: str = "", **how: Any) -> str:
        return super().token(person, *scopes, plan=plan or f"{self.team}/release", **how)


def _called(tx: Any, plan: str) -> int:
    from callboard.plans import service as plans

    return plans.called(tx, plan).id or 0


class Two:
    """Both, and the bot. With `alike` it is installed in both from the beginning."""

    app: App
    east: Side
    west: Side

    def __init__(
        self, database_url: str, *, at: datetime = MORNING, people: Any = PEOPLE, plan: str = PLAN,
        installed: tuple[str, ...] = (EAST, WEST), public: str = PUBLIC, **settings: Any,
    ) -> None:  # fmt: skip
        self.clock, self.public = ManualClock(at), public
        self.front = Front(
            [spec(team, people) for team in (EAST, WEST)], self.clock.now, limits=RateLimits.off(),
            redirects=[f"{public}slack/oauth_redirect"], client_secret=SECRET, ack_within=2 * PATIENCE,
            trigger_lifetime=2 * PATIENCE, retries=(0,),
        )  # fmt: skip
        self._database_url, self._plan, self._installed, self._more = database_url, plan, installed, settings

    async def __aenter__(self) -> Self:
        await self.front.serve()
        self.app = App(self.settings(), clock=self.clock, patience=PATIENCE)
        self.app.prepare()
        self.east, self.west = Side(self, EAST), Side(self, WEST)
        for team in self._installed:
            await self.install(team)
        await self.app.start(beating=False)
        await self.front.first.connected()
        await self.app.settled_in.wait()
        if self._plan:
            for side in (self.east, self.west):
                side.apply(named(self._plan, side))
        await self.app.settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.app.stop()
        await self.front.close()
        for side in (self.east, self.west):
            side.keeps_the_contract()

    def settings(self) -> Settings:
        app = self.front.first.spec
        given = {
            "slack_client_id": self.front.client_id, "slack_client_secret": SecretStr(SECRET),
            "public_url": self.public,
            "slack_app_token": SecretStr(app.app_token), "slack_signing_secret": SecretStr(app.signing_secret),
            "slack_api_url": self.front.api_url, "database_url": self._database_url, "mirrors": None,
            "repository_schemes": ("file",), "fallback_schemes": ("json",), "hosts": ("127.0.0.0/8",),
        }  # fmt: skip
        return Settings().model_copy(update={**given, **self._more})

    async def install(self, team: str) -> None:
        """As when an admin of a workspace has allowed it."""
        assert self.app.installations
        made = Installation(
            team_id=team, team_name=self.front[team].spec.name, bot_token=self.front.install(team), user_id=""
        )
        await self.app.installations.store.async_save(made)
        await self.app.slack.clients.workspaces()


def named(plan: str, side: Side) -> str:
    """The plan with the name of the workspace in its own."""
    return plan.replace("name: Release\n", f"name: Release {side.slack.spec.name}\n")
