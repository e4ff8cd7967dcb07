"""What a refusal by Slack means for a message. Only known codes are final; an answer that is not Slack's never is."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any

LONGEST_WAIT, USUAL_WAIT = 300.0, 10.0
OK, TOO_MANY = 200, 429


class Meaning(Enum):
    """What becomes of a message that Slack refused with some code."""

    ADDRESS = "nothing is accepted there as things are"
    MESSAGE = "it is not accepted as it looks"
    PLACE = "it can't be edited where it is"
    PASSES = "not accepted, for a reason that passes"
    DOUBT = "it may have been accepted"


ADDRESS = """
    access_denied cannot_dm_bot cannot_reply_to_message channel_is_limited_access channel_not_found
    duplicate_channel_not_found duplicate_message_not_found is_archived is_bot is_inactive messages_tab_disabled
    method_not_supported_for_channel_type not_in_channel posting_to_channel_denied restricted_action
    restricted_action_non_threadable_channel restricted_action_read_only_channel restricted_action_thread_locked
    restricted_action_thread_only_channel team_not_found user_disabled user_not_found user_not_visible
"""
MESSAGE = """
    as_user_not_supported attachment_payload_limit_exceeded block_mismatch blocked_file_type cant_broadcast_message
    draft_already_deleted draft_already_sent draft_has_conflict draft_not_found file_deleted file_is_deleted
    file_not_found file_share_limit_reached invalid_arg_name invalid_arguments invalid_array_arg invalid_attachments
    invalid_blocks invalid_blocks_format invalid_charset invalid_form_data invalid_json invalid_metadata_format
    invalid_metadata_schema json_not_object markdown_text_conflict max_file_sharing_exceeded metadata_too_large
    missing_file_data msg_blocks_too_long msg_too_long no_dual_broadcast_content_update no_text
    send_on_behalf_not_allowed slack_connect_blocked_file_type slack_connect_canvas_sharing_blocked
    slack_connect_clip_sharing_blocked slack_connect_file_link_sharing_blocked slack_connect_file_upload_sharing_blocked
    slack_connect_lists_sharing_blocked too_many_attachments too_many_contact_cards unable_to_share_files
"""
# Of an edit.
PLACE = "cant_update_message edit_window_closed message_not_found"
# Of a look-up: nobody lets the bot look, so what it looks for is said to be there twice perhaps.
UNSEEN = """
    invalid_cursor invalid_limit invalid_metadata_filter_keys invalid_ts_latest invalid_ts_oldest invalid_types
    missing_argument missing_scope no_permission not_allowed_token_type thread_not_found too_many_members
"""
# Of the canvas of a channel.
NO_CANVAS = """
    canvas_disabled_user_team canvas_too_large channel_canvas_already_exists channel_canvas_creation_failed
    free_team_canvas_tab_already_exists free_teams_cannot_create_non_tabbed_canvases
    free_teams_cannot_create_standalone_canvases free_teams_cannot_edit_standalone_canvases missing_scope
    team_tier_cannot_create_channel_canvases
"""
CANVAS_PASSES = "canvas_creation_failed canvas_editing_failed canvas_editing_locked canvas_tab_creation_failed"
PATIENCE = ("rate_limited", "ratelimited")
# Known not to be accepted, and mended by time or by whoever runs the app or the workspace; pages fall back meanwhile.
PASSES = """
    accesslimited account_inactive app_access_restricted ekm_access_denied enterprise_is_restricted
    external_channel_migrating forbidden_team insecure_request invalid_auth message_limit_exceeded
    metadata_must_be_sent_from_app method_deprecated missing_post_type missing_scope no_permission
    not_allowed_token_type not_authed org_login_required rate_limited ratelimited request_timeout service_unavailable
    streaming_state_conflict team_access_not_granted team_added_to_org team_quota_exceeded token_expired token_revoked
    two_factor_setup_required unknown_method update_failed upgrade_required invalid_post_type
"""


# Of these, what keeps one place from taking messages until an admin mends it: who coordinates hears of it.
WITHHELD = ("ekm_access_denied", "external_channel_migrating", "no_permission")


def _meanings(*known: tuple[Meaning, str]) -> dict[str, Meaning]:
    return {code: meaning for meaning, codes in known for code in codes.split()}


ANY = _meanings((Meaning.ADDRESS, ADDRESS), (Meaning.MESSAGE, MESSAGE), (Meaning.PASSES, PASSES))
CANVASES = ANY | _meanings(
    (Meaning.ADDRESS, NO_CANVAS), (Meaning.PASSES, CANVAS_PASSES), (Meaning.PLACE, "canvas_deleted canvas_not_found")
)
BY_METHOD = {
    "chat.postMessage": ANY,
    "chat.update": ANY | _meanings((Meaning.PLACE, PLACE)),
    "views.publish": ANY
    | _meanings(
        (Meaning.ADDRESS, "not_enabled"), (Meaning.MESSAGE, "view_too_large"), (Meaning.PASSES, "hash_conflict")
    ),
    "conversations.canvases.create": CANVASES,
    "canvases.edit": CANVASES,
    "canvases.sections.lookup": CANVASES,
}
LOOKS_UP = ANY | _meanings((Meaning.ADDRESS, UNSEEN))


def meaning(method: str, status: int, code: str) -> Meaning:
    """What an answer means that did not say `ok`; `code` is empty where it names none, as when somebody else answers.

    A code that is not known says nothing for certain, and an answer that is not Slack's even less.
    """
    found = BY_METHOD.get(method, LOOKS_UP).get(code, Meaning.DOUBT)
    return found if status == OK or found is Meaning.PASSES else Meaning.DOUBT


def wait(headers: Mapping[str, Any]) -> float:
    """The seconds that a `Retry-After` asks for, up to `LONGEST_WAIT`, whatever it says."""
    written = str(headers.get("Retry-After") or "")
    try:
        seconds = float(written)
    except ValueError:
        seconds = _until(written, str(headers.get("Date") or ""))
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else USUAL_WAIT  # noqa: PLR0124 - not a number


def _until(date: str, now: str) -> float:
    """The seconds between two dates of HTTP; the usual wait where one is none."""
    try:
        return (parsedate_to_datetime(date) - parsedate_to_datetime(now)).total_seconds()
    except (ValueError, TypeError):
        return USUAL_WAIT
