"""Blocks and modals such as the tests' own bot shows."""

from __future__ import annotations


def plain(text):
    return {"type": "plain_text", "text": text}


def option(text):
    return {"text": plain(text), "value": text.lower()}


def asked(label, kind, *, optional=False, **fields):
    element = {"type": kind, "action_id": "v", **fields}
    return {"type": "input", "block_id": label.lower(), "label": plain(label), "optional": optional, "element": element}


def modal(*blocks, **fields):
    view = {"type": "modal", "callback_id": "form", "title": plain("Form"), "submit": plain("Send"), **fields}
    return view | {"blocks": list(blocks) or [asked("Words", "plain_text_input")]}


CARD = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "Blocker 12"}},
    {
        "type": "actions",
        "block_id": "verbs",
        "elements": [
            {"type": "button", "action_id": "ack", "text": plain("Acknowledge"), "value": "12"},
            {
                "type": "static_select",
                "action_id": "snooze",
                "placeholder": plain("Snooze"),
                "options": [option("Hour"), option("Day")],
            },
            {"type": "users_select", "action_id": "to"},
            {"type": "datepicker", "action_id": "on"},
            {"type": "overflow", "action_id": "more", "options": [option("Withdraw")]},
        ],
    },
]
