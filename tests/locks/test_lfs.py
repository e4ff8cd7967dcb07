"""How git reads the table: as files where a mirror names them, page by page, and never twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import insert

from callboard.branches import store as branches
from callboard.branches.models import MirrorFiles
from callboard.locks import lfs
from callboard.locks.models import Lock, LockTarget

DATABASES = ("sqlite",)  # what git-lfs reads and writes

MIRRORED = ["src/api/a.py", "src/api/b.py", "src/api/deep/c.py", "web/app.js"]
MANY = 10_000


def mirror(tx):
    """The repository as a scan has seen it."""
    row = branches.mirrors(tx, 1)[0]
    row.fetched_at = tx.now
    tx.session.add_all([row, MirrorFiles(mirror_id=row.number, paths=MIRRORED)])


@pytest.fixture
async def git(files):
    """Asks as git-lfs does, in the name of Person A."""
    auth, transport = ("pa", files.token("pa", "locks")), httpx.ASGITransport(app=files.app.web)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot/lfs/release/harbor", auth=auth) as client:
        yield client


async def test_git_lfs_lists_a_locked_pattern_as_the_files_it_matches(files, git):
    files.app.db.transact(mirror)
    await files.says("pa", "/lock src/api/** for refactoring")
    await files.says("pa", "/lock ./db/1.sql for the schema")
    rows = (await git.get("/locks")).json()["locks"]
    assert [row["path"] for row in rows] == ["db/1.sql", "src/api/a.py", "src/api/b.py", "src/api/deep/c.py"]
    assert len({row["id"] for row in rows}) == 4
    one = (await git.get("/locks", params={"id": rows[1]["id"]})).json()["locks"]
    refused = await git.post(f"/locks/{rows[1]['id']}/unlock", json={"force": True})
    assert (refused.status_code, "/lock release 1 in Slack" in refused.json()["message"]) == (403, True)
    assert one[0]["path"] == "src/api/a.py" or one == []
    assert (await git.post("/locks/2/unlock", json={})).status_code == 200


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_git_lfs_lists_each_lock_once_in_its_pages_while_others_are_locked(files, git, limit):
    files.app.db.transact(mirror)
    for words in ("./db/1.sql", "src/api/**", "./db/2.sql ./db/3.sql"):
        await files.says("pa", f"/lock {words} for refactoring")
    found, cursor = [], ""
    while True:
        page = (await git.post("/locks/verify", json={"limit": limit, "cursor": cursor})).json()
        assert page["theirs"] == []
        found += [row["path"] for row in page["ours"]]
        cursor = page.get("next_cursor", "")
        if not cursor:
            break
        await files.says("pb", f"/lock ./tools/{len(found)}.sh for a fix")
        await files.says("pb", f"/lock release {3 + len(found)}")
    assert found == ["db/3.sql", "db/2.sql", "src/api/a.py", "src/api/b.py", "src/api/deep/c.py", "db/1.sql"]


async def test_git_lfs_lists_ten_thousand_locks_in_ten_pages(files, git):
    def all_of_them(tx):
        lock = Lock(
            plan_id=1, state="held", holder="pb", team="omega", reason="a rush", targets=[], span=3600,
            asked_at=tx.now, held_at=tx.now, expires_at=tx.now + timedelta(hours=1),
        ).model_dump(exclude={"id"})  # fmt: skip
        row = {"plan_id": 1, "live": True, "kind": "file", "repository": "", "section": ""}
        tx.connection.execute(insert(Lock), [lock | {"id": number} for number in range(1, MANY + 1)])
        tx.connection.execute(insert(LockTarget), [
            row | {"lock_id": number, "text": f"src/api/{number}.py", "stem": f"src/api/{number}.py/"}
            for number in range(1, MANY + 1)
        ])  # fmt: skip

    files.app.db.transact(all_of_them)
    pages, found, cursor = 0, set(), ""
    while pages == 0 or cursor:
        page = (await git.post("/locks/verify", json={"cursor": cursor, "limit": 10**9})).json()
        found |= {row["path"] for row in page["theirs"]}
        pages, cursor = pages + 1, page.get("next_cursor", "")
    assert (pages, len(found)) == (10, MANY)
    taken = await git.post("/locks", json={"path": "src/api/77.py"})
    assert taken.status_code == 409
    assert "locked by Person B" in taken.json()["message"]


@pytest.mark.parametrize("sent", [b"", b"[]", b"{", b'{"path": 7}', b'{"path": "../x"}', b'{"path": "a\\u0000b"}'])
async def test_the_web_routes_for_git_lfs_refuse_junk_but_never_as_not_found(files, git, sent):
    refused = await git.post("/locks", content=sent)
    assert refused.status_code in (403, 422)
    assert refused.json()["message"]
    for path in ("/locks/verify", "/nowhere/locks/verify"):
        assert (await git.post(path, content=sent)).status_code not in (404, 501)
    assert (await git.post("/locks/99/unlock", json={})).status_code == 404


async def test_the_web_routes_for_git_lfs_ask_for_a_name_and_token(files, git):
    asked = await git.get("/locks", auth=None)
    assert asked.status_code == 401
    assert asked.headers["LFS-Authenticate"].startswith("Basic")
    assert (await git.post("/locks/verify", auth=("pb", "nonsense"), json={})).status_code == 401


async def test_git_lfs_is_sent_to_the_repository_for_its_objects(files, git):
    sent = await git.post("/objects/batch", content=json.dumps({"operation": "upload"}))
    assert sent.status_code == 307
    assert sent.headers["Location"] == "https://git.example.com/harbor.git/info/lfs/objects/batch"


@pytest.mark.parametrize(
    ("clone", "server"),
    [
        ("https://bot:secret@git.example.com/a/harbor.git", "https://git.example.com/a/harbor.git/info/lfs"),
        ("git@git.example.com:/a/harbor", "https://git.example.com/a/harbor.git/info/lfs"),
        ("ssh://git@ssh.github.com:443/a/harbor.git", "https://github.com/a/harbor.git/info/lfs"),
        ("/srv/git/harbor.git", ""),
    ],
)
def test_git_lfs_is_sent_to_the_web_address_of_a_repository_without_its_secret(clone, server):
    assert lfs.home(clone) == server


def test_git_lfs_is_sent_to_a_repository_whose_address_is_in_a_variable():
    asked = "from callboard.locks import lfs; print(lfs.home('env:HARBOR_URL'))"
    own = os.environ | {"HARBOR_URL": "https://bot:secret@git.example.com/harbor.git"}
    told = subprocess.run([sys.executable, "-c", asked], env=own, capture_output=True, text=True, check=True)
    assert told.stdout == "https://git.example.com/harbor.git/info/lfs\n"


NFD = unicodedata.normalize("NFD", "src/api/é.psd")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("src/api/someFile.txt", "src/api/SOMEfile.txt"),
        ("src/api/Actor_BP.uasset", "src\\api\\Actor_BP.uasset"),
        (unicodedata.normalize("NFC", NFD), NFD),
        ("src/api/a.psd", "./src//api/deep/../a.psd "),
    ],
)
@pytest.mark.parametrize("seen", [True, False])
async def test_a_path_that_git_lfs_locks_is_one_file_however_it_is_spelt(files, git, first, second, seen):
    if seen:
        MIRRORED.append(first)
        files.app.db.transact(mirror)
        MIRRORED.remove(first)
    made = await git.post("/locks", json={"path": second})
    assert made.status_code == 201
    other = httpx.AsyncClient(transport=git._transport, base_url=git.base_url, auth=("pb", files.token("pb", "locks")))
    refused = await other.post("/locks", json={"path": first})
    assert (refused.status_code, refused.json()["lock"]["id"][0]) == (409, "1")
    if seen:
        assert made.json()["lock"]["path"] == refused.json()["lock"]["path"] == first
    for path in (first, second):
        assert [row["id"] for row in (await git.get("/locks", params={"path": path})).json()["locks"]] == ["1"]
    assert (await git.post("/locks/1/unlock", json={})).status_code == 200


async def test_a_path_that_git_lfs_locks_is_refused_by_name_where_two_files_differ_in_case_alone(files, git):
    MIRRORED.extend(["src/api/n.txt", "src/api/N.txt"])
    files.app.db.transact(mirror)
    del MIRRORED[-2:]
    refused = await git.post("/locks", json={"path": "SRC/api/N.TXT"})
    assert refused.status_code == 403
    assert "The repository has src/api/N.txt and src/api/n.txt." in refused.json()["message"]
    assert (await git.post("/locks", json={"path": "src/api/N.txt"})).status_code == 201


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("C:/users/a/LockTest.png", "is a place on one computer"), ("c:x", "is a place on one computer"),
        ("\\\\server\\share\\x", "is a place on one computer"), ("/etc/passwd", "is a place on one computer"),
        ("~/x", "is a place on one computer"), ("a/../../x", "is outside the repository"), ("a/..", "names no file"),
        ("", "names no file"), ("a\nb", "line break"),
    ],
)  # fmt: skip
async def test_a_path_that_git_lfs_locks_must_be_in_the_repository(git, path, said):
    refused = await git.post("/locks", json={"path": path})
    assert refused.status_code == 403
    assert said in refused.json()["message"]


async def test_a_path_that_is_typed_is_one_file_however_it_is_spelt(files, git):
    files.app.db.transact(mirror)
    assert (await files.says("pa", "/lock SRC\\API\\** for a fix")).text.startswith(":lock:")
    assert [row["path"] for row in (await git.get("/locks")).json()["locks"]][:1] == ["src/api/a.py"]
    assert "lock 1" in (await files.says("pb", "/lock src//api/./A.py for a fix")).text
    assert "is a place on one computer" in (await files.says("pb", "/lock C:\\x\\y.py for a fix")).text
