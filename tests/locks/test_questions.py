"""What `/lock` asks about before it locks: words that are no path, paths that are nowhere, and what is free."""

from __future__ import annotations

import pytest

from callboard.locks import store
from callboard.locks.models import LIVE
from tests.conflicts.harbor import OLD, Harbor, Watched
from tests.locks.conftest import live

DATABASES = ("sqlite",)  # what is understood of what is typed
HELD = {1: ("held", "pa", "src/api/a.py"), 2: ("held", "pa", "src/api/b.py"), 3: ("held", "pb", "tools/x.py")}


@pytest.fixture
async def held(files):
    """Person A holds locks 1 and 2, Person B lock 3."""
    for person, path in (("pa", "src/api/a.py"), ("pa", "src/api/b.py"), ("pb", "tools/x.py")):
        await files.says(person, f"/lock {path} for a fix")
    assert live(files) == HELD
    return files


@pytest.mark.parametrize(
    ("typed", "said", "left"),
    [
        ("release all", ["Lock 1", "Lock 2", "Released"], [3]),
        ("release mine", ["Lock 1", "Lock 2"], [3]),
        ("release all of mine", ["Lock 1", "Lock 2"], [3]),
        ("unlock all", ["Lock 1", "Lock 2"], [3]),
        ("release 1 2", ["Lock 1", "Lock 2"], [3]),
        ("release 1, 2", ["Lock 1", "Lock 2"], [3]),
        ("release #1 and 2", ["Lock 1", "Lock 2"], [3]),
        ("release 1,2", ["Lock 1", "Lock 2"], [3]),
        ("release lock 1 & #2", ["Lock 1", "Lock 2"], [3]),
        ("free 1", ["Lock 1"], [2, 3]),
        ("release 1 99", ["There is no lock 99", "I changed none"], [1, 2, 3]),
        ("release 1 3", ["Only <@UPB> can release lock 3", "I changed none"], [1, 2, 3]),
        ("release 99", ["There is no lock 99"], [1, 2, 3]),
        ("free 3", ["Only <@UPB> can release lock 3"], [1, 2, 3]),
    ],
)
async def test_typed_lists_of_locks_are_released_together_or_not_at_all(held, typed, said, left):
    answer = (await held.says("pa", f"/lock {typed}")).text
    assert [words for words in said if words not in answer] == []
    assert list(live(held)) == left


async def test_typed_lists_of_locks_are_renewed_handed_over_and_waited_for(held):
    assert (await held.says("pa", "/lock renew 1 2 2h")).text.count("yours until") == 2
    assert (await held.says("pa", "/lock renew all until 17:00")).text.count("yours until") == 2
    said = (await held.says("pb", "/lock wait 1, 2 for the merge")).text
    assert said.count("You wait behind <@UPA>") == 2
    assert "Locks 1 and 2 are <@UOLGA>'s now" in (await held.says("pa", "/lock hand all to <@UOLGA>")).text
    assert "You hold no lock, so there is nothing to renew" in (await held.says("pa", "/lock renew all")).text
    assert "Locks" not in (await held.says("olga", "/lock break 3 because the release waits")).text
    assert live(held)[1][1] == "olga"


async def test_typed_locks_are_named_by_what_they_lock_as_well_as_by_their_numbers(held):
    assert "Lock 2" in (await held.says("pa", "/lock renew src/api/b.py for 2h")).text
    assert "Lock 1 is <@UPB>'s now" in (await held.says("pa", "/lock hand /src/api/a.py to <@UPB>")).text
    assert "Lock 3 is broken" in (await held.says("olga", "/lock break tools/x.py because the release waits")).text
    answer = (await held.says("pb", "/lock unlock `src/api/a.py`")).text
    assert ("Released" in answer, list(live(held))) == (True, [2])
    refused = (await held.says("pb", "/lock release src/api/b.py")).text
    assert "Only <@UPA> can release lock 2" in refused
    assert "*Lock 2*  `src/api/b.py`" in (await held.says("pb", "/lock show src/api/b.py")).messages[-1].shown


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("relase 1", "Did you mean `/lock release 1`?"),
        ("release src/api/", "Yours: lock 1 `src/api/a.py`, lock 2 `src/api/b.py`."),
        ("unlock x", "`unlock` reads like my word `release`"),
        ("releas the file for me", "reads like my word `release`"),
        ("all", "`all` is no path"),
        ("wait all", "`all` is no path"),
        ("unlock all of it please", "`/lock release"),
        ("cancel the lock", "reads like my word `release`"),
        ("everything for the release", "is no path"),
        ("renew the lock", "`/lock renew"),
        ("break it because I need it", "`/lock break"),
        ("take x", "`/lock take"),
        ("hand tools/y.py to <@UPB>", "`/lock hand"),
        ("show me", "`/lock show NUMBER`"),
    ],
)
async def test_questions_are_asked_about_words_that_lock_knows_as_verbs(held, typed, said):
    answer = await held.says("pa", f"/lock {typed}")
    assert said in answer.messages[-1].shown
    assert not held.slack.views("pa")
    assert live(held) == HELD


async def test_a_question_about_a_verb_offers_what_is_meant_and_what_was_typed(held):
    question = (await held.says("pa", "/lock release src/api/a*")).messages[-1]
    assert "Lock 1" in (await held.clicks("pa", "Release lock 1", question)).text
    assert list(live(held)) == [2, 3]
    question = (await held.says("pa", "/lock release the-train for 2h because of the show")).messages[-1]
    assert "yours until" in (await held.clicks("pa", "Lock release and the-train", question)).text


async def test_a_question_is_asked_instead_of_a_wait_for_what_is_free(held):
    await held.says("pa", "/lock release 1")
    asked = await held.says("pb", "/lock wait 1")
    assert "Lock 1 was released by <@UPA>" in asked.text
    assert "`src/api/a.py` is free: you need not wait." in asked.text
    assert list(live(held)) == [2, 3]
    path = (await held.says("pb", "/lock wait src/api/a.py for a fix")).messages[-1]
    assert list(live(held)) == [2, 3]
    assert "yours until" in (await held.clicks("pb", "Lock it", path)).text
    assert live(held)[4] == ("held", "pb", "src/api/a.py")
    refused = (await held.says("olga", "/lock src/api/b.py for more")).messages[-1]
    await held.says("pa", "/lock release 2")
    assert "is free" in (await held.clicks("olga", "Wait in line", refused)).text


async def test_typed_lock_who_names_whoever_has_any_of_it_first(held):
    said = (await held.says("sc", "/lock who tools/x.py", "sigma")).text
    assert said.splitlines()[0].startswith(":lock: *Lock 3*")
    assert "<@UPB> (Omega) has it" in said
    assert "anybody" not in said
    assert "Nobody has it" not in said
    pattern = (await held.says("sc", "/lock who src/**", "sigma")).text
    assert "Lock 1" in pattern
    assert "Lock 2" in pattern
    await held.says("pa", "/lock wait 3 for a look")
    assert "<@UPA> waits" in (await held.says("sc", "/lock who tools/*", "sigma")).text.replace("(Omega) ", "")
    free = (await held.says("sc", "/lock who src/api/z.py", "sigma")).text
    assert "Nobody has it locked. Only Omega can lock it." in free
    assert "Nobody has it locked. You can lock it." in (await held.says("sc", "/lock who tools/y.py", "sigma")).text
    assert "Sigma must agree then" in (await held.says("pa", "/lock who openapi/v1.yml")).text
    await held.says("pa", "/lock staging for a test")
    assert "Lock 5" in (await held.says("sc", "/lock who staging", "sigma")).text


@pytest.mark.parametrize(
    "typed",
    ["src/b.py until yesterday", "src/b.py until banana", "src/b.py for a fix until 25:00", "src/b.py for a fix for 2x",
     "src/b.py for a while", "src/b.py for ever", "src/b.py until", "src/b.py for x until last week",
     "src/b.py until fri until sat", "src/b.py for a fix until 2025-11-12", "src/b.py for a fix until monday 9",
     "src/b.py for a fix until tomorrow at 9", "src/b.py until 17:00 CET", "src/b.py until 8:00 yesterday"],
)  # fmt: skip
async def test_ends_that_cannot_be_read_or_are_past_are_refused_and_nothing_is_locked(files, typed):
    assert "Say until when" in (await files.says("pa", f"/lock {typed}")).text
    assert live(files) == {}
    assert not files.slack.views("pa")


async def test_ends_that_were_typed_without_a_reason_are_in_the_form(files):
    await files.says("pa", "/lock src/b.py until 17:00")
    await files.opened("pa")
    assert "17:00" in await files.submits("pa", {"What for?": "a fix"})


@pytest.fixture
async def psd(database_url, tmp_path):
    """The repository has a file with a space in its name."""
    harbor = Harbor(tmp_path)
    harbor.push("main", "amp", {"src/api/a b.psd": OLD})
    async with Watched(database_url, harbor) as world:
        yield world


@pytest.mark.parametrize("typed", ["'{}'", '"{}"', "`{}`", "„{}“", "“{}”", "«{}»", "‘{}’", "„{}”"])  # noqa: RUF001 - as keyboards write them
async def test_paths_with_spaces_are_held_together_by_quotes_of_every_kind(psd, typed):
    said = (await psd.says("pa", f"/lock {typed.format('src/api/a b.psd')} for a fix")).text
    assert "yours until" in said
    assert live(psd)[1][2:] == ("src/api/a b.psd",)


async def test_paths_that_no_repository_has_are_asked_about_with_the_nearest(psd):
    question = (await psd.says("pa", "/lock src/api/a b.psd for a fix")).messages[-1]
    assert "No repository has `src/api/a`" in question.shown
    assert live(psd) == {}
    assert "yours until" in (await psd.clicks("pa", 'Lock "src/api/a b.psd"', question)).text
    assert live(psd)[1] == ("held", "pa", "src/api/a b.psd")
    for typed, near in (("src/api/X1.py", "src/api/x.py"), ("src/apii/x.py", "src/api/x.py"), ("y.py", "src/api/y.py"),
                        ("src/apy/**", "src/api/**"), ("harbor:src/api/yy.py", "harbor:src/api/y.py")):  # fmt: skip
        assert f"Do you mean `{near}`?" in (await psd.says("pa", f"/lock {typed} for a fix")).messages[-1].shown
    new = (await psd.says("pa", "/lock src/api/brand_new_thing.toml for a start")).messages[-1]
    assert "Is it new?" in new.shown
    assert "yours until" in (await psd.clicks("pa", "It is new: lock it", new)).text
    assert "yours until" in (await psd.says("pa", "/lock ./src/api/newer.toml for a start")).text
    assert list(live(psd)) == [1, 2, 3]


async def test_paths_in_the_form_that_no_repository_has_are_asked_about(psd):
    await psd.says("pa", "/lock")
    await psd.opened("pa")
    values = {"What?": "src/api/new.py", "What for?": "a start"}
    outcome = await psd.slack.submit("pa", values)
    assert "No repository has src/api/new.py yet" in str(outcome.errors)
    assert live(psd) == {}
    assert "yours until" in await psd.submits("pa", values | {"If no repository has it": ["It is new: lock it"]})


@pytest.mark.parametrize("verb", ["take", "lock", "get", "claim", "acquire", "Grab"])
async def test_typed_verbs_of_other_tools_before_a_path_are_no_path(files, verb):
    assert "yours until" in (await files.says("pa", f"/lock {verb} src/api/** for refactoring")).text
    assert live(files) == {1: ("held", "pa", "src/api/**")}


async def test_typed_verbs_of_other_tools_before_a_thing_or_alone_are_none_either(files):
    await files.says("pa", "/lock acquire staging for a load test")
    assert live(files) == {1: ("held", "pa", "staging")}
    assert "What for?" in await files.opens("pa", "/lock acquire")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("https://github.com/acme/harbor/blob/main/src/api/a.py for a fix", "write `src/api/a.py`"),
        ("https://gitlab.com/acme/harbor/-/tree/main/src/api/ for a fix", "write `src/api`"),
        ("https://example.com for a fix", "write one, such as `src/api/**`"),
        ("git@github.com:acme/harbor.git for a fix", "write one, such as `src/api/**`"),
        ("take https://example.com for a fix", "this is an address, not a path in the repository"),
        ("who https://example.com", "this is an address, not a path in the repository"),
    ],
)
async def test_paths_that_are_addresses_are_refused_with_the_path_that_they_show(files, typed, said):
    assert said in (await files.says("pa", f"/lock {typed}")).text
    assert live(files) == {}
    assert not files.slack.views("pa")


async def test_whoever_waits_in_line_for_a_lock_has_a_reason_of_their_own_or_none(held):
    await held.says("pb", "/lock wait 1")
    await held.says("sc", "/lock wait 1 for the merge", "sigma")
    card = held.channel("omega").expect("Lock 2", "a fix")
    await held.clicks("pb", "lock.more", card, value="Wait in line")
    locks = held.app.db.transact(store.live, 1, LIVE)
    assert {lock.number: lock.reason for lock in locks if lock.number > 3} == {4: "", 5: ""}
    assert "for a fix" not in (await held.says("pb", "/lock show 4")).messages[-1].shown
