"""The address of the database, as providers and tired people write it; and servers that are set up in other ways."""

from __future__ import annotations

import uuid
from datetime import datetime

import psycopg
import pytest
from sqlalchemy import inspect, make_url
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from callboard.core.clock import ManualClock
from callboard.core.db import Database, Instant
from callboard.core.engine import normalised
from callboard.core.errors import Refused
from callboard.core.registry import Bus
from tests.world import MORNING, World


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bob:my:pass@127.0.0.1:hunter2/x",
        "postgresql://bob:hunter2@[::1/x",
        "hunter2",
        "mysql://b:hunter2@h",
    ],
)
def test_an_engine_that_cannot_read_its_address_does_not_repeat_it(url):
    with pytest.raises(Refused, match="DATABASE_URL") as refused:
        normalised(url)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("hosts", "host", "port"), [("a:5432,b:5433", "a,b", "5432,5433"), ("a,b,c", "a,b,c", ",,"), ("a:1", "a", 1)]
)
def test_an_engine_takes_an_address_with_several_servers_as_libpq_does(hosts, host, port):
    url = normalised(f"postgres://bob:x%40y@{hosts}/board?target_session_attrs=read-write")
    _, named = url.get_dialect()().create_connect_args(url)
    kept = {"user": "bob", "password": "x@y", "dbname": "board", "target_session_attrs": "read-write"}
    assert named == kept | {"host": host, "port": port}


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_does_not_take_every_text_is_refused_with_how_to_make_another(postgres, encoding):
    name = f"encoded_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'")
    url = make_url(postgres).set(database=name).render_as_string(hide_password=False)
    database = Database(url, ManualClock(MORNING), Bus())
    with pytest.raises(Refused, match=f"encoded in {encoding} and Callboard needs UTF8: .*createdb --encoding=UTF8"):
        database.engine.connect()
    database.close()


def test_columns_that_nobody_asks_for_are_not_made_at_start():
    class Kind(SQLModel, registry=registry()):
        """Of no database."""

    class Kept(Kind, table=True):
        id: int = Field(primary_key=True)
        name: str
        at: datetime = Field(sa_type=Instant)

    class Found(Kind, table=True):
        id: int = Field(primary_key=True)
        name: str
        at: datetime = Field(sa_type=Instant)

    kinds = [inspect(kind, raiseerr=True).attrs for kind in (Kept, Found)]
    for attribute in (attribute for kind in kinds for attribute in kind):
        with pytest.raises(AttributeError):
            object.__getattribute__(attribute.class_attribute.comparator, "__clause_element__")
    makers = {id(kind[name].columns[0].type.comparator_factory) for kind in kinds for name in ("name", "at")}
    assert len(makers) == 2, "one for each type, whoever has such columns"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_database_with_other_times_and_dates_than_ours_serves_all_the_same(database_url):
    settings = {
        "timezone": "America/New_York",
        "datestyle": "SQL, DMY",
        "default_transaction_isolation": "serializable",
    }
    with psycopg.connect(database_url, autocommit=True) as server:
        for name, value in settings.items():
            server.execute(f"ALTER DATABASE {server.info.dbname} SET {name} = '{value}'")
    try:
        async with World(database_url) as world:
            await world.says("pa", "/blocker mongo is down — 🚒")
            await world.advance(minutes=11)
            world.dm("exec").expect("mongo is down — 🚒")
    finally:
        with psycopg.connect(database_url, autocommit=True) as server:
            server.execute(f"ALTER DATABASE {server.info.dbname} RESET ALL")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_first_of_several_servers_that_answers_serves(database_url):
    async with World(database_url.replace("?host=", "?host=/nowhere&host=")) as world:
        assert "Blocker 1 is open" in (await world.says("pa", "/blocker mongo is down")).text
