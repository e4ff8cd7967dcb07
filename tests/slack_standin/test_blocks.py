"""Blocks and views are held against Slack's rules, ours and the published ones side by side."""

from __future__ import annotations

import pytest

from slack_standin.block_check import check_blocks
from slack_standin.methods.views import check_view
from tests.contract import published

PLAIN = {"type": "plain_text", "text": "x"}
TEXT = {"type": "mrkdwn", "text": "x"}
OPTION = {"text": PLAIN, "value": "v"}


def section(**fields):
    return {"type": "section", "text": TEXT, **fields}


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


def button(**fields):
    return {"type": "button", "action_id": "a", "text": PLAIN, **fields}


def asked(element, **fields):
    return {"type": "input", "label": PLAIN, "element": element, **fields}


def rich(*pieces):
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(pieces)}]}


GOOD = {
    "rich text": [rich({"type": "text", "text": "x", "style": {"bold": True}}, {"type": "user", "user_id": "U1"})],
    "a list in rich text": [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
                }
            ],
        }
    ],
    "a card": [{"type": "card", "title": TEXT, "actions": [button()]}],
    "a section with fields and an accessory": [section(fields=[TEXT], accessory=button())],
    "every plain block": [
        {"type": "header", "text": PLAIN},
        {"type": "divider"},
        {"type": "context", "elements": [TEXT]},
    ],
    "buttons and menus": [
        actions(button(style="primary"), {"type": "static_select", "action_id": "s", "options": [OPTION]}),
        actions({"type": "overflow", "action_id": "o", "options": [OPTION]}),
    ],
    "a table": [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}],
    "markdown": [{"type": "markdown", "text": "**x**"}],
    "a question before a button acts": [
        actions(button(confirm={"title": PLAIN, "text": TEXT, "confirm": PLAIN, "deny": PLAIN}))
    ],
}
BAD_BLOCKS = {
    "51 blocks": [{"type": "divider"}] * 51,
    "an unknown block": [{"type": "nonsense"}],
    "an unknown key": [section(bogus=1)],
    "a header in mrkdwn": [{"type": "header", "text": TEXT}],
    "a header of 151": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
    "a section of 3001": [section(text={"type": "mrkdwn", "text": "x" * 3001})],
    "an empty section": [section(text={"type": "mrkdwn", "text": ""})],
    "a field of 2001": [section(fields=[{"type": "mrkdwn", "text": "x" * 2001}])],
    "11 fields": [section(fields=[TEXT] * 11)],
    "26 elements": [actions(*(button(action_id=str(number)) for number in range(26)))],
    "one action_id twice": [actions(button(), button())],
    "one block_id twice": [section(block_id="b"), section(block_id="b")],
    "11 in a context": [{"type": "context", "elements": [TEXT] * 11}],
    "21 columns": [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]}],
    "a piece of rich text that is none": [rich({"type": "nonsense"})],
    "a link in rich text without an address": [rich({"type": "link", "text": "x"})],
    "a part of rich text that is none": [{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}],
    "a list of rich text without a style": [
        {"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": []}]}
    ],
    "an alert in a message": [{"type": "alert", "text": TEXT}],
    "a video without an address": [{"type": "video", "alt_text": "x", "title": PLAIN, "thumbnail_url": "x"}],
    "a card with an unknown key": [{"type": "card", "colour": "red"}],
}
BAD_ELEMENTS = {
    "a button's text of 76": [actions(button(text={"type": "plain_text", "text": "x" * 76}))],
    "a button's value of 2001": [actions(button(value="x" * 2001))],
    "a menu without options": [actions({"type": "static_select", "action_id": "s", "options": []})],
    "101 options": [actions({"type": "static_select", "action_id": "s", "options": [OPTION] * 101})],
    "an option's value of 151": [
        actions({"type": "static_select", "action_id": "s", "options": [{"text": PLAIN, "value": "x" * 151}]})
    ],
    "6 in an overflow": [actions({"type": "overflow", "action_id": "o", "options": [OPTION] * 6})],
    "a text input among actions": [actions({"type": "plain_text_input", "action_id": "t"})],
}
# Where the published types are laxer than Slack is.
STRICTER_BLOCKS = {
    "12,001 characters of markdown in two blocks": [
        {"type": "markdown", "text": "x" * 6001},
        {"type": "markdown", "text": "x" * 6000},
    ],
    "two elements that want the focus": [
        asked({"type": "plain_text_input", "action_id": "a", "focus_on_load": True}),
        asked({"type": "plain_text_input", "action_id": "b", "focus_on_load": True}),
    ],
}
STRICTER_ELEMENTS = {
    "an initial option that is not offered": [
        actions(
            {
                "type": "static_select",
                "action_id": "s",
                "options": [OPTION],
                "initial_option": {"text": PLAIN, "value": "w"},
            }
        )
    ],
    "a question without a title": [actions(button(confirm={"text": TEXT, "confirm": PLAIN, "deny": PLAIN}))],
    "an input that may be 3,001 characters long": [
        asked({"type": "plain_text_input", "action_id": "a", "max_length": 3001})
    ],
    "a choice of none": [
        actions({"type": "multi_users_select", "action_id": "a", "max_selected_items": 0}),
    ],
    "a date that is none": [actions({"type": "datepicker", "action_id": "d", "initial_date": "tomorrow"})],
}


def cases(bad, stricter):
    """The second value: whether only the stand-in refuses it."""
    known = [pytest.param(blocks, False, id=name) for name, blocks in bad.items()]
    return known + [pytest.param(blocks, True, id=name) for name, blocks in stricter.items()]


def refused(blocks, stricter):
    found = check_blocks(blocks)
    assert found
    assert all(message.startswith("[ERROR]") and "[json-pointer:/blocks" in message for message in found)
    assert stricter or published.check_blocks(blocks)


@pytest.mark.parametrize("blocks", GOOD.values(), ids=GOOD)
def test_the_stand_ins_block_check_takes_what_slack_takes(blocks):
    assert check_blocks(blocks) == published.check_blocks(blocks) == []


@pytest.mark.parametrize(("blocks", "stricter"), cases(BAD_BLOCKS, STRICTER_BLOCKS))
def test_the_stand_ins_block_check_refuses_what_slack_refuses_and_says_where(blocks, stricter):
    refused(blocks, stricter)


@pytest.mark.parametrize(("blocks", "stricter"), cases(BAD_ELEMENTS, STRICTER_ELEMENTS))
def test_the_stand_ins_element_check_refuses_what_slack_refuses_in_buttons_menus_and_inputs(blocks, stricter):
    refused(blocks, stricter)


@pytest.mark.parametrize(
    "nonsense", [None, "x", {}, [None], ["x"], [{}], [{"type": 1}], [section(text="x")], [actions(1)]]
)
def test_the_stand_ins_block_check_refuses_nonsense_and_does_not_stumble(nonsense):
    assert check_blocks(nonsense)


MODAL = {"type": "modal", "title": PLAIN, "blocks": [{"type": "divider"}]}
FORM = MODAL | {"submit": PLAIN, "blocks": [asked({"type": "plain_text_input", "action_id": "t"})]}


def test_the_stand_ins_views_may_be_modals_and_homes_within_slacks_rules():
    for view in (MODAL, FORM, {"type": "home", "blocks": [section()]}):
        assert check_view(view) == published.check_view(view) == []


@pytest.mark.parametrize(
    "change",
    [
        {"title": {"type": "plain_text", "text": "x" * 25}},
        {"title": None},
        {"submit": None},
        {"submit": {"type": "plain_text", "text": "x" * 25}},
        {"close": {"type": "plain_text", "text": "x" * 25}},
        {"private_metadata": "x" * 3001},
        {"callback_id": "x" * 256},
        {"blocks": [{"type": "divider"}] * 101},
        {"type": "window"},
    ],
)
def test_the_stand_ins_views_are_refused_beyond_slacks_limits_for_modals(change):
    view = {key: value for key, value in {**FORM, **change}.items() if value is not None}
    assert check_view(view)
    assert published.check_view(view)
