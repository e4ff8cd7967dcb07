"""Blocks keep Slack's limits, whatever is put into them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard import blocks as b
from callboard.blocks import fit, forms
from callboard.blocks import markup as m
from slack_standin import limits
from slack_standin.block_check import characters, check_blocks, refuse_blocks
from slack_standin.methods.views import check_view
from tests.contract import published

LONG = "x" * 5000
MANY = [(f"option {number}", str(number)) for number in range(150)]
NOON = datetime(2025, 11, 13, 12, tzinfo=UTC)


def test_blocks_keep_to_the_lengths_that_the_stand_in_holds_them_to():
    slacks = {name: most for name, most in vars(limits).items() if name.isupper()}
    own = {name: most for module in (b, fit, forms, m) for name, most in vars(module).items() if name in slacks}
    assert slacks["MESSAGE_TEXT"] > own.pop("MESSAGE_TEXT")
    assert own == {name: slacks[name] for name in own}
    assert slacks.keys() - own.keys() == {
        "ACTION_ID", "BLOCK_ID", "CALLBACK_ID", "MESSAGE_TEXT", "POST_TEXT", "TYPED", "URL", "VIEW_BYTES",
    }  # fmt: skip
    assert forms.MODAL_TEXT * len(r"\u0000") < slacks["VIEW_BYTES"]


def everything(text):
    return [
        b.section(text, fields=[text] * 12, accessory=b.button(text, "a", "1")),
        b.header(text),
        b.context(*[text] * 12),
        b.divider(),
        b.actions(*[b.button(text, f"a:{n}", "1", style="primary", confirm=(text, text)) for n in range(30)]),
        b.actions(b.overflow("o", MANY)),
        b.actions(b.select("s", MANY, placeholder=text, initial="3")),
    ]


def inputs(text):
    return [
        forms.text_input(text, "a", multiline=True, initial=text, hint=text, placeholder=text, max_length=9000),
        forms.text_input(text, "b", optional=True),
        forms.select_input(text, "c", MANY, initial="7"),
        forms.user_input(text, "d", initial="U1"),
        forms.user_input(text, "e", initial=["U1", "U2"], multi=True),
        forms.checkboxes_input(text, "f", MANY, initial=["2", "3"]),
        forms.datetime_input(text, "g", initial=NOON),
    ]


@pytest.mark.parametrize("text", ["", " ", "mongo", LONG, "&amp;" * 2000, "<@U1>" * 2000, "🎉" * 4000])
def test_the_blocks_of_a_message_are_accepted_by_slack_whatever_they_say(text):
    assert published.check_blocks(everything(text)) == []


@pytest.mark.parametrize("text", ["", "mongo", LONG])
def test_the_blocks_of_a_form_are_accepted_by_slack_whatever_they_say(text):
    form = forms.modal(text, [*everything(text), *inputs(text)], callback_id="x", submit=text or "Go", private={"n": 1})
    assert published.check_view(form) == []


def test_the_blocks_of_a_form_are_cut_to_as_many_as_slack_takes():
    form = forms.modal("Long", [b.divider()] * 200, callback_id="x")
    assert published.check_view(form) == []


@settings(max_examples=50)
@given(st.text(alphabet="ab <>&;@U1#!|^\n`*", max_size=200))
def test_blocks_escape_and_clip_what_people_write_so_that_no_markup_breaks(text):
    safe = m.escape(text)
    assert m.unescape(safe) == text
    assert "<" not in safe
    shown = m.clip(safe, 50)
    assert len(shown) <= 50
    assert not any(
        shown.removesuffix("…").endswith(part) for part in ("&", "&a", "&am", "&amp", "&l", "&lt", "&g", "&gt")
    )


def test_text_clipped_for_a_block_never_ends_within_a_mention():
    assert m.clip("ask <@U12345> now", 10) == "ask…"
    assert m.clip("ask <@U12345> now", 15) == "ask <@U12345>…"
    assert m.clip("short", 5) == "short"


def test_text_clipped_for_a_block_ends_with_a_whole_word():
    assert m.clip("one two three four", 12) == "one two…"
    assert m.clip("one two three four", 9) == "one two…"
    assert m.clip("src/a/very/long/path.py", 10) == "src/a/ver…"


def test_lines_that_do_not_fit_a_block_are_left_out_whole_and_counted():
    lines = [f"line {number}" for number in range(100)]
    shown = fit.fitting(lines, 100, ": `/task list`")
    assert len(shown) <= 100
    *kept, last = shown.splitlines()
    assert kept == lines[: len(kept)]
    assert last == f"and {100 - len(kept)} more: `/task list`"
    assert fit.fitting(["a", "b"], between=", ") == "a, b"


LINES = st.lists(st.integers(0, 900), min_size=1, max_size=60)


@given(LINES, st.integers(0, 9))
def test_a_paragraph_that_is_too_long_is_cut_between_lines_and_counts_what_is_left(lengths, said):
    lines = [f"{number} {'x' * length}" for number, length in enumerate(lengths)]
    ends = [f"and {said} more: `/task list`"] if said else []
    shown = m.clip_lines("\n".join([*lines, *ends]), 2000)
    assert len(shown) <= 2000
    *kept, last = shown.split("\n")
    if shown == "\n".join([*lines, *ends]):
        return
    left = len(lines) - len(kept)
    assert last == (f"and {left + said} more: `/task list`" if said else f"and {left} more line{'s' * (left > 1)}")
    assert all(line == whole or line.endswith("…") for line, whole in zip(kept, lines, strict=False))


def test_a_line_that_is_too_long_by_itself_is_cut_and_those_behind_it_counted():
    assert m.clip_lines("word " * 1000, 50).endswith("word…")
    assert m.clip_lines("\n".join(["word " * 100, "two", "", "three"]), 300).endswith("word…\nand 2 more lines")


def test_buttons_stay_below_what_they_are_about_in_the_next_message():
    pairs = [block for n in range(40) for block in (b.section(f"Task {n}"), b.actions(b.button("Go", "go", "1")))]
    parts = fit.split([b.section("Tasks"), *pairs])
    assert [part[0]["type"] for part in parts] == ["section"] * len(parts)
    assert sum(map(len, parts)) == 81


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<!channel> look", "channel look"),
        ("<!here|here> and <!everyone>", "here and everyone"),
        ("<!subteam^S1|@leads> or <!subteam^S2>", "leads or group"),
        ("<@U1> in <#C1|ops>", "<@U1> in <#C1|ops>"),
        ("<!date^1^{time}|noon>", "<!date^1^{time}|noon>"),
    ],
)
def test_text_quoted_in_a_block_rings_nobody_but_those_it_names(text, expected):
    assert m.quiet(text) == expected


def test_blocks_show_an_instant_in_each_readers_time_zone_and_in_utc_elsewhere():
    berlin = NOON.astimezone(timezone(timedelta(hours=1)))
    assert m.date(berlin) == f"<!date^{int(NOON.timestamp())}^{{time}}|2025-11-13 12:00 UTC>"
    assert "{date_short_pretty} at {time}" in m.date(NOON, "both")


LONG = "Every adapter of the release answers the calls of all the others within its own time"


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        ((f"{LONG} in Berlin", f"{LONG} in Oslo"),
         ["Every adapter of the rele…in Berlin", "Every adapter of the rele…in Oslo"]),
        ((LONG, f"{LONG} and more"),
         ["Every adapter of the rele…own time", "Every adapter of the rele…own time and more"]),
        ((f"{LONG} {LONG} one", f"{LONG} {LONG} two", f"{LONG} at last", "Short"),
         ["Every adapter of the rele…time one", "Every adapter of the rele…time two",
          "Every adapter of the rele…time at last", "Short"]),
        ((f"{'a' * 80}b", f"{'a' * 80}c"), [f"{'a' * 25}…{'a' * 25}b", f"{'a' * 25}…{'a' * 25}c"]),
        ((LONG, "Other"), [f"{LONG[:71]}…", "Other"]),
        ((LONG, LONG), [f"{LONG[:71]}…", f"{LONG[:71]}…"]),
    ],
)  # fmt: skip
def test_options_of_a_block_that_begin_alike_show_what_is_different_in_each(texts, shown):
    options = [(text, str(number)) for number, text in enumerate(texts)]
    for element in (b.select("s", options, placeholder="Which?"), b.overflow("o", options),
                    forms.checkboxes_input("Which?", "c", options)["element"]):  # fmt: skip
        assert [option["text"]["text"] for option in element["options"]] == shown


def test_boxes_in_several_blocks_are_told_apart_as_well_as_those_of_one():
    options = [(f"{LONG}, part {number}", str(number)) for number in range(30)]
    blocks = forms.boxes_inputs("Done", "done", options)
    texts = [option["text"]["text"] for block in blocks for option in block["element"]["options"]]
    assert texts == [f"Every adapter of the rele…part {number}" for number in range(30)]


@given(st.sets(st.text("ab ", min_size=60, max_size=200).map(lambda text: f"x{text.strip()}"), min_size=1, max_size=8))
def test_options_of_a_block_are_never_the_same_where_their_texts_are_not(texts):
    shown = [option["text"] for option in b.choices([(text, text[:100]) for text in sorted(texts)])]
    assert len({each["text"] for each in shown}) == len(texts)
    assert all(len(each["text"]) <= b.OPTION for each in shown)


def test_a_plain_text_block_shows_what_was_typed():
    assert b.header("a &lt; b &amp; c")["text"]["text"] == "a < b & c"
    assert forms.text_input("What", "what", initial="a &lt; b")["element"]["initial_value"] == "a < b"


def test_blocks_show_a_channel_whose_id_is_not_known_yet_by_name():
    assert (m.channel("C1"), m.channel("#ops")) == ("<#C1>", "#ops")


def test_bold_text_in_a_block_stays_bold():
    assert m.bold("a *b*\nc") == "*a b c*"


def test_a_button_block_refuses_a_value_that_is_too_long():
    with pytest.raises(ValueError, match="2000"):
        b.button("Go", "go", "x" * 2001)
    with pytest.raises(ValueError, match="3000"):
        forms.modal("Go", [], callback_id="go", private={"x": "y" * 3000})


@pytest.mark.parametrize(
    ("hours", "shows_day"),
    [
        (0, False),
        (1, False),
        (-3, False),
        (5.9, False),
        (6, True),
        (11, True),
        (13, True),
        (24, True),
        (-26, True),
    ],
)
def test_blocks_dated_shows_the_day_of_times_that_are_not_near(hours, shows_day):
    at = NOON + timedelta(hours=hours)
    before = {"text": f"by {m.date(at)}", "blocks": [b.section(f"*until* {m.date(at)}")]}
    after = m.dated(before, NOON)
    both = m.date(at, "both" if shows_day else "time")
    assert after == {"text": f"by {both}", "blocks": [b.section(f"*until* {both}")]}
    assert m.dated(after, NOON) == after


def test_blocks_dated_shows_the_day_of_a_time_after_midnight():
    at = NOON.replace(hour=23, minute=50)
    assert "{date_short_pretty}" in m.dated(m.date(at + timedelta(minutes=20)), at)


def test_blocks_dated_leaves_other_values_and_texts_that_would_be_too_long():
    kept = {"a": [1, None, True, ("x",)], "b": "plain"}
    assert m.dated(kept, NOON) == kept
    full = "x" * (m.TEXT - 50) + m.date(NOON + timedelta(days=1))
    assert m.dated(full, NOON) == full


@pytest.mark.parametrize("style", ["time", "day", "both"])
def test_blocks_dated_shows_the_year_of_a_day_in_another_one(style):
    assert "{date_num}" in m.dated(m.date(NOON + timedelta(days=200), style), NOON)
    assert "{date_num}" not in m.dated(m.date(NOON + timedelta(days=20), style), NOON)


def test_blocks_dated_says_tomorrow_at_new_year():
    eve = datetime(2025, 12, 31, 20, tzinfo=UTC)
    assert "{date_short_pretty} at {time}" in m.dated(m.date(eve + timedelta(hours=13)), eve)


ROWS = st.lists(st.integers(1, 6000), max_size=120)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(0, 40))
def test_blocks_of_any_number_and_length_fit_one_message_and_say_what_is_left(lengths, said):
    rows = [b.section("word " * (length // 5 + 1)) for length in lengths]
    more = [b.context(f"and {said} more: `/task list`")] if said else []
    whole = [*rows, *more, b.actions(b.button("Go", "go", "1"))]
    shown = fit.worded("Tasks", whole)[1]
    refuse_blocks(shown)
    assert characters(shown) == fit.size(shown) <= fit.MESSAGE_TEXT
    assert shown[-1] == whole[-1]
    left = said + len(rows) - sum(block["type"] == "section" for block in shown)
    counts = [text for text in texts(shown) if text.startswith("and ")]
    assert counts == ([f"and {left} more{': `/task list`' if said else ''}"] if left else [])
    short = sum(len(block["text"]["text"]) for block in rows) > sum(len(text) for text in texts(shown)) and not left
    assert (fit.SHORTENED in texts(shown)) >= short


def texts(blocks):
    return [
        element["text"] for block in blocks
        for element in (block.get("elements", []) if block["type"] == "context" else [block.get("text")]) if element
    ]  # fmt: skip


def test_blocks_that_are_split_are_all_there():
    whole = [b.section("x" * 2500) for _ in range(130)]
    parts = fit.split(whole)
    assert [block for part in parts for block in part] == whole
    for part in parts:
        refuse_blocks(part)


def test_blocks_show_all_of_a_long_text_that_has_none():
    text = "\n".join(f"{number} " + "word " * 100 for number in range(19))
    shown = fit.worded(text)[1]
    assert "\n".join(block["text"]["text"] for block in shown).split() == text.split()
    assert fit.worded("short") == ("short", [])
    assert len(fit.worded("x" * 9000)[0]) <= limits.EDIT_TEXT


def test_blocks_keep_the_newest_lines_of_a_history_and_count_the_earlier_ones():
    lines = [f"line {number} " + "x" * 300 for number in range(40)]
    first, *shown = fit.newest(lines, 2, 7, ": see the thread")
    told = "\n".join(block["text"]["text"] for block in shown).splitlines()
    assert told == lines[-len(told) :]
    assert texts([first]) == [f"{7 + 40 - len(told)} earlier entries: see the thread"]
    assert fit.newest(["one"], 2) == [b.section("one")]
    refuse_blocks([first, *shown])


@pytest.mark.parametrize("number", [0, 1, 10, 11, 25, 100, 101, 500])
@pytest.mark.parametrize("length", [10, 75, 76, 150, 151, 3000])
def test_blocks_of_a_form_offer_all_there_is_to_choose_or_tick(number, length):
    options = [(f"{each} {'n' * length}"[:length], f"{each} {'n' * length}"[:length]) for each in range(number)]
    boxes = forms.boxes_inputs("Checklist", "done", options, initial=[options[-1][1]] if options else [])
    menu = [forms.select_input("Which?", "which", options, initial=options[-1][1])] if options else []
    view = forms.modal("Form", [*boxes, *menu], callback_id="form", submit="Save")
    assert published.check_view(view) == check_view(view) == []
    assert sum(len(block["element"]["options"]) for block in boxes) == number
    for block in menu:
        element = block["element"]
        groups = element.get("option_groups", [element])
        assert sum(len(group["options"]) for group in groups) == number
        assert b.option_text(element["initial_option"]["value"], [value for _, value in options]) == options[-1][1]


def test_blocks_of_a_form_beyond_a_hundred_say_what_is_left():
    shown = forms.modal("Long", [*[b.section("x")] * 200, forms.text_input("Why", "why")], callback_id="x", submit="Go")
    assert check_view(shown) == []
    assert len(shown["blocks"]) <= forms.MODAL_BLOCKS
    assert [block for block in shown["blocks"] if block["type"] == "input"]
    left = 200 - sum(block["type"] == "section" for block in shown["blocks"])
    assert f"and {left} more" in texts(shown["blocks"])


def test_a_context_block_keeps_more_than_ten_texts():
    shown = b.context(*(f"text {number}" for number in range(13)))
    assert [f"text {number}" in str(shown) for number in range(13)] == [True] * 13
    assert check_blocks([shown]) == []
