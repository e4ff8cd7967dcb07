"""files.*: uploaded in three steps by the app, or by people; shared, listed, and downloaded with the token."""

import asyncio
import mimetypes
import re
import secrets
from collections.abc import Iterable
from email import message_from_bytes
from email.message import Message as Mail
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from slack_standin.block_check import refuse_blocks
from slack_standin.methods import Call, method
from slack_standin.methods.cursors import page_of
from slack_standin.state import Conversation, File, Json, SlackError, refuse_if
from slack_standin.workspace import Workspace

if TYPE_CHECKING:
    from slack_standin.sandbox import Sandbox

MOST_CHANNELS = 100
LOOKED_AT_AFTER = 2
SHOWN = {"image/png", "image/jpeg", "image/gif"}
FILE_ID = re.compile(r"F[A-Z0-9]{8,}")
WHERE = {"channels": "C", "groups": "G", "ims": "D"}
SHARING = "blocks channel_id channels icon_emoji icon_url initial_comment thread_ts username"


def made(workspace: Workspace, name: str, user: str, content: bytes = b"", **fields: Any) -> File:
    """A file that is not yet anywhere."""
    kind = mimetypes.guess_type(name)[0] or "text/plain"
    file = File(id=f"F{workspace.serial():08d}", name=name, user=user, content=content, title=name, mimetype=kind)
    return file.model_copy(update={"created": workspace.seconds(), **fields})


def keep(workspace: Workspace, file: File) -> File:
    """Store a file; it is in no conversation yet."""
    workspace.state.files[file.id] = file
    workspace.announce("file", file=file.id)
    return file


def share(workspace: Workspace, place: Conversation, files: list[File], base_url: str, **message: Any) -> None:
    """Post files to a conversation, with the event for each."""
    for file in files:
        file.channels.append(place.id)
    workspace.post(place, files[0].user, files=[as_file(workspace, file, base_url) for file in files], **message)
    for file in files:
        event = {"type": "file_shared", "file_id": file.id, "user_id": file.user, "file": {"id": file.id}}
        workspace.happen(event | {"channel_id": place.id, "event_ts": workspace.next_ts()})


def as_file(workspace: Workspace, file: File, base_url: str) -> Json:
    """A file as Slack writes it."""
    url = f"{base_url}/files-pri/{file.id}/{file.name}"
    mimetype = "" if file.pending else file.mimetype
    kinds = {name: [channel for channel in file.channels if channel.startswith(start)] for name, start in WHERE.items()}
    return {
        "id": file.id, "name": file.name, "title": file.title, "user": file.user, "created": file.created,
        "timestamp": file.created, "size": len(file.content), **kinds, "mimetype": mimetype,
        "filetype": file.name.rpartition(".")[2] or "text", "mode": "canvas" if file.canvas else "hosted",
        "is_external": False, "is_public": bool(kinds["channels"]), "user_team": workspace.spec.team_id,
        "url_private": url, "url_private_download": f"{url}?download=1", "permalink": url,
    }  # fmt: skip


class Uploads:
    """The files that are on their way from the app."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._tickets: dict[str, tuple[File, int]] = {}
        self._arrived: dict[str, File] = {}

    def expect(self, name: str, length: int) -> tuple[str, File]:
        """The ticket for an upload of `length` bytes, and the file that it will become."""
        ticket, file = secrets.token_urlsafe(16), made(self._workspace, name, self._workspace.bot)
        self._tickets[ticket] = (file, length)
        return ticket, file

    def arrive(self, ticket: str, content: bytes) -> None:
        """Take what was uploaded; SlackError when the ticket or the length is wrong."""
        expected = self._tickets.get(ticket)
        if expected is None:
            raise SlackError("file_not_found")
        file, length = expected
        wrong = f"[ERROR] {length} bytes were announced, {len(content)} came"
        refuse_if(len(content) != length, "invalid_arguments", wrong)
        del self._tickets[ticket]
        self._arrived[file.id] = file.model_copy(update={"content": content})

    def complete(self, file_id: str, title: str) -> File:
        """Keep a file whose bytes have arrived; `file_not_found` otherwise."""
        file = self._arrived.pop(file_id, None)
        if file is None:
            raise SlackError("file_not_found")
        file.title = title or file.title
        return keep(self._workspace, file)


async def take_upload(sandbox: "Sandbox", request: Request) -> Response:
    """The second step: the bytes, at `/upload/v1/{ticket}`."""
    body = await request.body()
    content = _unwrapped(body, request.headers.get("Content-Type", ""))
    entry = sandbox.record.add("request", "upload", {"bytes": len(body)})
    try:
        sandbox.uploads.arrive(request.path_params["ticket"], content)
    except SlackError as error:
        entry["answer"] = {"ok": False, "error": error.code, "messages": error.messages}
        return Response("invalid upload", 404 if error.code == "file_not_found" else 400)
    entry["answer"] = {"ok": True}
    return Response(f"OK - {len(content)}")


def _unwrapped(body: bytes, content_type: str) -> bytes:
    """The bytes themselves, also where they came as a form."""
    if "multipart/form-data" not in content_type:
        return body
    parts = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body).get_payload()
    first = parts[0] if isinstance(parts, list) and parts else None
    content = first.get_payload(decode=True) if isinstance(first, Mail) else None
    return content if isinstance(content, bytes) else b""


async def give_file(sandbox: "Sandbox", request: Request) -> Response:
    """A file's content, at `/files-pri/{file}/{name}`; a page to sign in on without the token."""
    spec, file = sandbox.spec, request.path_params["file"]
    known = request.headers.get("Authorization") == f"Bearer {spec.bot_token}" and "files:read" in spec.scopes
    sandbox.record.add("request", "files-pri", {"file": file, "allowed": known})
    found = sandbox.workspace.state.files.get(file)
    if found is None:
        return Response("not found", 404)
    fault = sandbox.faults.take("files-pri", found.name, sandbox.workspace.now())
    if fault is not None:
        await asyncio.sleep(fault.delay)
        if fault.kind != "slow":
            return Response("broken", fault.status)
    return Response(found.content, media_type=found.mimetype) if known else HTMLResponse("<html>Sign in</html>")


@method(
    "files.getUploadURLExternal", "files:write", tier=4, required="filename length", optional="alt_txt snippet_type"
)
def upload_url(call: Call) -> Json:
    """The first step: where to send how many bytes."""
    length = call.arguments.number("length", 0)
    refuse_if(length <= 0, "invalid_arguments", "[ERROR] must be more than 0 [json-pointer:/length]")
    ticket, file = call.sandbox.uploads.expect(call.arguments.text("filename"), length)
    return {"upload_url": f"{call.base_url}/upload/v1/{ticket}", "file_id": file.id}


@method("files.completeUploadExternal", "files:write", tier=4, required="files", optional=SHARING)
def complete(call: Call) -> Json:
    """The third step: keep what has arrived, and share it."""
    arguments, named = call.arguments, call.arguments.json("files")
    if not isinstance(named, list) or not named or not all(isinstance(one, dict) and one.get("id") for one in named):
        raise SlackError("invalid_arguments", "[ERROR] must be an array of objects with an id [json-pointer:/files]")
    places, blocks = _places(call), arguments.json("blocks", "invalid_blocks") or []
    refuse_blocks(blocks)
    files = [call.sandbox.uploads.complete(str(entry["id"]), str(entry.get("title") or "")) for entry in named]
    for file in files:
        file.pending = 0 if places else LOOKED_AT_AFTER
    for place in places:
        share(
            call.workspace, place, files, call.base_url, text=arguments.text("initial_comment"), blocks=blocks,
            thread_ts=arguments.text("thread_ts") or None, bot_id=call.workspace.spec.bot_id,
        )  # fmt: skip
    return {"files": _written(call, files)}


def _written(call: Call, files: Iterable[File]) -> list[Json]:
    return [as_file(call.workspace, file, call.base_url) for file in files]


def _places(call: Call) -> list[Conversation]:
    names = call.arguments.names("channels") or call.arguments.names("channel_id")
    refuse_if(len(names) > MOST_CHANNELS, "channels_limit_exceeded")
    refuse_if(call.arguments.text("thread_ts") and len(names) > 1, "invalid_channel")
    places = [call.place(name) for name in names]
    for place in places:
        call.inside(place)
        refuse_if(place.archived, "posting_to_channel_denied")
    return places


def refuse_pictures(call: Call, blocks: list[Any]) -> None:
    """Refuse image blocks whose file is no picture that the bot can see, or that Slack has not looked at yet."""
    wrong = [
        f"[ERROR] {why} [json-pointer:/blocks/{place}/slack_file]" for place, block in enumerate(blocks)
        if isinstance(block, dict) and block.get("type") == "image" and (why := _wrong(call, block.get("slack_file")))
    ]  # fmt: skip
    if wrong:
        raise SlackError("invalid_blocks", *wrong)


def _wrong(call: Call, shown: Any) -> str:
    if shown is None:
        return ""
    if not isinstance(shown, dict) or bool(shown.get("id")) == bool(shown.get("url")):
        return "must have one of id and url"
    if "id" in shown and not FILE_ID.fullmatch(str(shown["id"])):
        return "invalid slack file: input must match regex pattern ^[F][A-Z0-9]{8,}$"
    written = ((file, as_file(call.workspace, file, call.base_url)) for file in call.workspace.state.files.values())
    found = next((file for file, said in written if shown.get("id") == file.id or shown.get("url") in (
        said["url_private"], said["permalink"])), None)  # fmt: skip
    good = found is not None and _seen(call, found) and not found.pending and found.mimetype in SHOWN
    return "" if good else "invalid slack file"


@method("files.info", "files:read", tier=4, required="file", optional="count cursor limit page")
def describe(call: Call) -> Json:
    """One file; where it lies only the token can fetch it."""
    found = _visible(call)
    (file,) = _written(call, [found])
    found.pending = max(0, found.pending - 1)
    return {"file": file, "comments": [], "response_metadata": {"next_cursor": ""}}


LISTING = "channel count page show_files_hidden_by_limit ts_from ts_to types user team_id"


@method("files.list", "files:read", optional=LISTING)
def list_(call: Call) -> Json:
    """The files that the bot can see, newest first."""
    arguments, state = call.arguments, call.workspace.state
    user, channel = arguments.text("user"), arguments.text("channel")
    refuse_if(user and user not in state.users, "user_not_found")
    seen = [file for file in reversed(state.files.values()) if _seen(call, file)]
    fitting = [file for file in seen if user in {"", file.user} and (not channel or channel in file.channels)]
    page, _ = page_of(fitting, arguments)
    paging = {"count": len(page), "total": len(fitting), "page": 1, "pages": 1}
    return {"files": _written(call, page), "paging": paging}


@method("files.delete", "files:write", required="file")
def delete(call: Call) -> Json:
    file = _visible(call)
    refuse_if(file.user != call.workspace.bot, "cant_delete_file")
    del call.workspace.state.files[file.id]
    return {}


def _visible(call: Call) -> File:
    found = call.workspace.state.files.get(call.arguments.text("file"))
    if found is None or not _seen(call, found):
        raise SlackError("file_not_found")
    return found


def _seen(call: Call, file: File) -> bool:
    """A file nobody has shared yet is one that a person has just put into a form."""
    workspace = call.workspace
    places = [workspace.state.conversations[channel] for channel in file.channels]
    inside = any(place.kind == "channel" or workspace.bot in place.members for place in places)
    return not places or file.user == workspace.bot or inside
