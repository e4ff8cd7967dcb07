"""A secret is given once, and kept nowhere: in no table, no log and no backup."""

from __future__ import annotations

import re

import httpx
from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import SQLModel

from callboard.blocks import markup
from callboard.settings import Settings
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # what is written is the same on both

SECRETS = {
    "github_secret": "hook-secret-of-github", "github_token": "token-of-github", "gitlab_secret": "hook-of-gitlab",
    "gitlab_token": "token-of-gitlab", "mail_url": "mailto://bot:mail-password@example.com?to={to}",
    "sentry_secret": "secret-of-sentry", "phone_url": "twilio://sid:phone-token@123/{to}",
}  # fmt: skip
AWAY = PLAN.replace(
    "pb: {name: Person B, slack: UPB}", "pb: {name: Person B, email: pb@example.com, fallback: [env:PB]}"
)
REPOSITORY = "repositories:\n  harbor: {clone: https://git.invalid/harbor.git}\n"


class Guarded(World):
    def settings(self) -> Settings:
        return super().settings().model_copy(update={name: SecretStr(value) for name, value in SECRETS.items()})


def stored(world):
    """All that lies in the database, by table."""

    def read(tx):
        names = [table.name for table in SQLModel.metadata.sorted_tables]
        return {name: repr(tx.connection.execute(text(f'SELECT * FROM "{name}"')).all()) for name in names}  # noqa: S608

    return world.app.db.transact(read)


async def test_receipts_and_every_other_table_and_log_hold_no_secret_that_was_ever_given(database_url, capsys):
    async with Guarded(database_url, AWAY + REPOSITORY) as world:
        given = set()
        for who, typed in (
            ("pa", "/lock token"), ("pa", "/lock token"), ("sc", "/lock token new"), ("pa", "/plan calendar"),
            ("pa", "/plan calendar new"), ("pa", "/plan calendar new omega"), ("olga", "/plan calendar new omega"),
        ):  # fmt: skip
            await world.says(who, typed)
            shown = str([message.shown for message in world.slack.ephemerals(who, "omega")])
            found = re.findall(r"callboard_[\w-]{20,}|(?<=/calendar/)[\w-]{20,}", shown)
            assert found, (typed, shown)
            given |= set(found)
        assert len(given) == 7
        given |= {world.token("pb", "tasks"), world.token("olga", "plan")}
        transport = httpx.ASGITransport(world.app.web)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
            for secret in given:
                await http.get(f"/calendar/{secret}.ics")
                await http.get("/api/v1/plans/release/tasks", headers={"Authorization": f"Bearer {secret}"})
                await http.get("/lfs/release/harbor/locks", auth=("pa", secret))
        await world.says("pa", "/blocker mongo is down")
        await world.advance(minutes=30)
        settings = world.settings()
        secrets = given | set(filter(None, settings.secrets())) | {"mail-password", "phone-token"}
        tables = stored(world)
        assert {(name, secret) for name, rows in tables.items() for secret in secrets if secret in rows} == set()
        logged = "".join(capsys.readouterr())
        assert [secret for secret in secrets if secret in logged] == []


async def test_receipts_of_what_held_a_secret_say_that_it_was_given_and_how_to_get_another(database_url):
    async with World(database_url) as world:
        for typed, another in (("/lock token", "/lock token"), ("/plan calendar", "/plan calendar new")):
            assert "only" in (await world.says("pa", typed)).text or typed == "/plan calendar"
            again = await world.slack.courier.again()
            assert "I don't keep it" in again.payload["text"]
            assert f"Make another: `{another}`" in again.payload["text"]


def test_an_address_with_a_password_is_masked_where_people_read_it():
    assert markup.address("mailto://bot:secret@example.com") == "mailto://***@example.com"
