"""What is offered for a word that nobody knows."""

from __future__ import annotations

import pytest

from callboard.core.errors import did_you_mean, near, unknown


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("akc", ["ack", "unack", "list"], ["ack"]),
        ("relase", ["release", "resolve"], ["release"]),
        ("acknowlegd", ["acknowledge"], ["acknowledge"]),
        ("brake", ["break"], ["break"]),
        ("O-11", ["O-1", "O-10", "O-2"], ["O-1", "O-10"]),
        ("unblock", ["block"], []),
        ("ab", ["ac"], []),
        ("paint", ["sign"], []),
    ],
)
def test_core_errors_know_which_words_are_one_slip_away(word, known, expected):
    assert near(word, known) == expected


def test_core_errors_end_a_refusal_with_what_may_be_meant():
    assert did_you_mean("Olgaa", ["olga", "Omega"]) == "did you mean `olga`?"
    assert did_you_mean("xy", ["alpha", "beta"]) == "write one of `alpha`, `beta`"
    assert did_you_mean("xy", []) == "none exists yet"


@pytest.mark.parametrize(
    ("word", "known", "sentence"),
    [
        ("Olgaa", ["olga", "Omega"], "There is no person `Olgaa`; did you mean `olga`? `/plan people` lists all."),
        ("xy", ["alpha"], "There is no person `xy`; write one of `alpha`. `/plan people` lists all."),
        ("xy", [], "There is no person `xy`; none exists yet. `/plan people` lists all."),
    ],
)
def test_core_errors_refuse_an_unknown_word_in_whole_sentences(word, known, sentence):
    assert str(unknown(f"There is no person `{word}`", word, known, "`/plan people` lists all.")) == sentence
