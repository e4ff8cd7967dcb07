"""What `check` says about repositories."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callboard.branches.plan import REPOSITORIES
from tests.planfile.sample import GOOD, check, problems

TWO = "repositories: {app: git@git.example.com:app.git, other: env:OTHER}\n"
ONE = 'repositories:\n  app: {clone: "https://git.example.com/app.git", protected: ["release/*"], scan_every: 5m}\n'


def test_the_repositories_section_of_the_plan_file_takes_an_address_alone():
    assert problems(GOOD + ONE, "repositories") == []
    assert problems(GOOD + TWO, "repositories") == []
    alone = check(GOOD + "repositories: {app: ../app.git}\n").document.of(REPOSITORIES)["app"]
    assert (alone.clone, alone.main, alone.scan_every) == ("../app.git", "main", timedelta(minutes=5))


@pytest.mark.parametrize(
    ("old", "new", "degree", "said"),
    [
        (
            "https://git",
            "https://me:secret@git",
            "error",
            "clone: this address holds a password: put it in a variable",
        ),
        ("https://git", f"https://{'t0ken' * 6}@git", "error", "clone: this address holds a password"),
        ("https://git.example.com/app.git", "--upload-pack=x", "error", "cannot be cloned"),
        ("5m", "1s", "error", "scan_every: that is too often"),
        ("release/*", "release/ *", "error", "protected[1]: `release/ *` cannot be a branch"),
        ("app:", '"a b":', "error", "name a repository with letters, digits, dots and dashes"),
        ("scan_every", "scan_evry", "error", "did you mean `scan_every`?"),
        ('clone: "https://git.example.com/app.git", ', "", "error", "`clone` is missing"),
        ("5m}", "5m}\n  two: https://git.example.com/app.git", "warning", "two.clone: `app` has this address too"),
    ],
)
def test_the_repositories_section_of_the_plan_file_refuses_mistakes(old, new, degree, said):
    assert ONE.count(old) == 1
    found = problems(GOOD + ONE.replace(old, new), "repositories")
    assert any(given == degree and said in sentence for given, sentence in found), found


def ignored(written, *names):
    part = check(GOOD + f"repositories: {{app: {{clone: ../app.git, {written}}}}}\n").document.of(REPOSITORIES)["app"]
    return [name for name in names if part.ignores(name)]


BOTS = ("dependabot/npm/x", "renovate/all", "gh-readonly-queue/main/pr-7-a", "mergify/merge-queue/a", "staging",
        "tmp-mergify/merge-queue/a", "gtmq_a", "graphite-base/7", "trunk-merge/pr-7/a", "automation/bors/auto",
        "trying", "staging.tmp", "pre-commit-ci-update-config", "copilot/fix-1", "snyk-fix-1")  # fmt: skip


def test_the_repositories_section_of_the_plan_file_leaves_bots_out_unless_they_are_taken_in_again():
    mine = ("omega/a", "wip/b", "main", "feature/staging")
    assert ignored("main: main", *BOTS, *mine) == [*BOTS]
    assert ignored('ignore: ["wip/*"]', *BOTS, *mine) == [*BOTS, "wip/b"]
    assert ignored('ignore: ["!renovate/**", "!staging"]', *BOTS) == [
        name for name in BOTS if name not in ("renovate/all", "staging")
    ]
    assert ignored("ignore: []", *BOTS, *mine) == []
    assert ignored("protected: [staging]", "staging") == []
    assert (
        problems(
            GOOD + 'repositories: {app: {clone: https://git.example.com/app.git, ignore: ["!renovate/**"]}}\n',
            "repositories",
        )
        == []
    )
