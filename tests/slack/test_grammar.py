"""How typed words are understood."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.slack.answers import Done
from callboard.slack.grammar import (
    Choice,
    Command,
    Number,
    Numbers,
    Person,
    Span,
    Text,
    Verb,
    When,
    Word,
    read,
)
from callboard.slack.intents import Call, Guess, Help, Unknown, Usage, plan_and_rest, understand


def run(_tx, _request, _arguments):
    return Done()


ACK = Verb("ack", run, "takes it", (Number("number"), Text("why", optional=True)), aliases=("take",))
SNOOZE = Verb("snooze", run, "leaves it alone", (Number("number"), When("when")))
LIST = Verb("list", run, "shows it", reads=True)
RAISE = Verb("raise", run, "opens one", (Text("what"),))
OTHERWISE = Verb("", run, "opens one", (Text("what"),))
BLOCKER = Command("blocker", "in the way", (ACK, SNOOZE, LIST, RAISE), otherwise=OTHERWISE)
GATE = Command("gate", "sign-offs", (Verb("sign", run, "signs", (Word("gate"),)), LIST))


@pytest.mark.parametrize(
    ("arguments", "text", "expected"),
    [
        ([Number("n")], "12", {"n": 12}),
        ([Number("n")], "#12", {"n": 12}),
        ([Number("n")], "12th", None),
        ([Person("p")], "<@U1>", {"p": "U1"}),
        ([Person("p")], "<@W1|somebody>", {"p": "W1"}),
        ([Person("p")], "@somebody", {"p": "somebody"}),
        ([Person("p")], "some/body", None),
        ([Span("s")], "1h30m", {"s": timedelta(hours=1, minutes=30)}),
        ([Span("s")], "3D", {"s": timedelta(days=3)}),
        ([Span("s")], "90s", {"s": timedelta(seconds=90)}),
        ([Span("s")], "1.5h", {"s": timedelta(minutes=90)}),
        ([Span("s")], "1,5 hours", {"s": timedelta(minutes=90)}),
        ([Span("s")], "1w", {"s": timedelta(weeks=1)}),
        ([Span("s")], "2 weeks and 1 day", {"s": timedelta(days=15)}),
        ([Span("s")], "half an hour", {"s": timedelta(minutes=30)}),
        ([Span("s")], "an hour", {"s": timedelta(hours=1)}),
        ([Span("s")], "0m", None),
        ([Span("s")], "30", None),
        ([When("w")], "for 2h", {"w": "for 2h"}),
        ([When("w")], "until 17:00", {"w": "until 17:00"}),
        ([When("w")], "9:05", {"w": "9:05"}),
        ([When("w")], "2 hours", {"w": "2 hours"}),
        ([When("w")], "1.5h", {"w": "1.5h"}),
        ([When("w")], "tomorrow 9:30", {"w": "tomorrow 9:30"}),
        ([When("w")], "fri 12:00", {"w": "fri 12:00"}),
        ([When("w")], "banana", None),
        ([When("w")], "30", None),
        ([When("w"), Text("t")], "3pm because of lunch", {"w": "3pm", "t": "because of lunch"}),
        ([Numbers("n")], "6, 7 and 8", {"n": (6, 7, 8)}),
        ([Numbers("n"), When("w")], "6 7 30m", {"n": (6, 7), "w": "30m"}),
        ([Numbers("n"), Text("t")], "6 7 hosts are back", {"n": (6,), "t": "7 hosts are back"}),
        ([Choice("c", ("high", "very high"))], "Very High", {"c": "very high"}),
        ([Choice("c", ("high",))], "higher", None),
        ([Word("w"), Number("n", optional=True)], "omega 3", {"w": "omega", "n": 3}),
        ([Word("w"), Number("n", optional=True)], "omega", {"w": "omega", "n": None}),
        ([Number("n", optional=True), Text("t", optional=True)], "no number", {"n": None, "t": "no number"}),
        ([Number("n"), Text("t")], "12  two\nlines ", {"n": 12, "t": "two\nlines"}),
        ([Number("n"), Text("t")], "12", None),
        ([], "more", None),
        ([], "", {}),
    ],
)
def test_the_command_grammar_reads_the_arguments_of_a_verb(arguments, text, expected):
    assert read(arguments, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ack 12", Call(run, {"number": 12, "why": None}, verb="ack")),
        ("TAKE #12 mine now", Call(run, {"number": 12, "why": "mine now"}, verb="ack")),
        ("list", Call(run, {}, reads=True, verb="list")),
        ("resolve DNS fails", Call(run, {"what": "resolve DNS fails"}, free=True)),
        ("ack", Usage(ACK)),
        ("snooze 12", Usage(SNOOZE, "12")),
        ("snooze the alarm in the hall", Call(run, {"what": "snooze the alarm in the hall"}, free=True)),
        ("list of hosts is empty", Call(run, {"what": "list of hosts is empty"}, free=True)),
        ("akc 12", Guess("ack 12")),
        ("lits", Guess("list")),
        ("akc is not answered", Call(run, {"what": "akc is not answered"}, free=True)),
        ("rise in memory use", Call(run, {"what": "rise in memory use"}, free=True)),
        ("raise ack 12 is not a number", Call(run, {"what": "ack 12 is not a number"}, verb="raise")),
        ("help", Help()),
        ("? ack", Help(ACK)),
        ("help us", Guess("help")),
        ("help us with DNS", Call(run, {"what": "help us with DNS"}, free=True)),
        ("🎉", Call(run, {"what": "🎉"}, free=True)),
        ("", Help()),
    ],
)
def test_the_command_parser_understands_what_was_typed_after_a_command_with_free_text(text, expected):
    assert understand(BLOCKER, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sign omega", Call(run, {"gate": "omega"}, verb="sign")),
        ("sing omega", Guess("sign omega")),
        ("sign", Usage(GATE.verbs[0])),
        ("sign omega now", Call(run, {"gate": "omega"}, verb="sign")),
        ("sign omega not now", Usage(GATE.verbs[0], "omega not now")),
        ("paint it", Unknown("paint")),
        ("help paint", Help()),
    ],
)
def test_the_command_parser_understands_what_was_typed_after_a_command_without_free_text(text, expected):
    assert understand(GATE, text) == expected


def test_the_command_parser_takes_anything_for_free_text_when_told_to():
    assert understand(BLOCKER, "ack 12", literally=True) == Call(run, {"what": "ack 12"}, free=True)
    assert understand(BLOCKER, "", literally=True) == Usage(OTHERWISE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("harbor: mongo", ("harbor", "mongo")),
        ("Harbor-2: ack 12", ("harbor-2", "ack 12")),
        ("harbor:", ("harbor", "")),
        ("http://mongo is down", ("", "http://mongo is down")),
        ("mongo", ("", "mongo")),
    ],
)
def test_the_command_parser_splits_off_a_word_in_front_that_may_name_a_plan(text, expected):
    assert plan_and_rest(text) == expected


def test_the_usage_of_a_verb_in_the_command_grammar_says_what_may_be_left_out():
    assert ACK.usage == "ack NUMBER [WHY…]"
    assert SNOOZE.usage == "snooze NUMBER 30m|until 17:00|tomorrow 9:00"


@given(st.text(max_size=200))
def test_the_command_parser_understands_any_text_after_a_slash_word_somehow(text):
    assert understand(BLOCKER, text) is not None
    assert understand(GATE, text) is not None
