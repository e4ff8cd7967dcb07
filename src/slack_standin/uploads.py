"""Files: uploaded in three steps by the app, or by people; downloaded with the token."""

import mimetypes
import secrets
from email import message_from_bytes
from email.message import Message as Mail

from slack_standin.state import File, Json, SlackError
from slack_standin.workspace import Workspace

MODE = {False: "hosted", True: "canvas"}


class Uploads:
    """The files of a workspace, and those that are on their way."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._tickets: dict[str, tuple[File, int]] = {}
        self._arrived: dict[str, File] = {}

    def made(self, name: str, user: str, content: bytes = b"", *, title: str = "", canvas: bool = False) -> File:
        """A file that is not yet anywhere."""
        kind = "application/vnd.slack-docs" if canvas else mimetypes.guess_type(name)[0] or "text/plain"
        return File(
            id=f"F{self._workspace.serial():08d}", name=name, user=user, content=content, title=title or name,
            mimetype=kind, created=int(self._workspace.now().timestamp()), canvas=canvas,
        )  # fmt: skip

    def keep(self, file: File) -> File:
        """Store a file; it is in no conversation yet."""
        self._workspace.state.files[file.id] = file
        self._workspace.announce("file", file=file.id)
        return file

    def expect(self, name: str, length: int) -> tuple[str, File]:
        """The ticket for an upload of `length` bytes, and the file that it will become."""
        file = self.made(name, self._workspace.bot)
        ticket = secrets.token_urlsafe(16)
        self._tickets[ticket] = (file, length)
        return ticket, file

    def arrive(self, ticket: str, body: bytes, content_type: str) -> int:
        """Take what was uploaded and return its size; SlackError when the ticket or the length is wrong."""
        content = _unwrapped(body, content_type)
        expected = self._tickets.get(ticket)
        if expected is None:
            raise SlackError("file_not_found")
        file, length = expected
        if len(content) != length:
            raise SlackError("invalid_arguments", f"[ERROR] {length} bytes were announced, {len(content)} came")
        del self._tickets[ticket]
        self._arrived[file.id] = file.model_copy(update={"content": content})
        return length

    def complete(self, file_id: str, title: str) -> File:
        """Keep a file whose bytes have arrived; `file_not_found` otherwise."""
        file = self._arrived.pop(file_id, None)
        if file is None:
            raise SlackError("file_not_found")
        file.title = title or file.title
        return self.keep(file)


def as_file(workspace: Workspace, file: File, base_url: str) -> Json:
    """A file as Slack writes it."""
    url = f"{base_url}/files-pri/{file.id}/{file.name}"
    kinds = {name: [channel for channel in file.channels if channel.startswith(letter)] for name, letter in _WHERE}
    written: Json = {"id": file.id, "name": file.name, "title": file.title, "user": file.user}
    written |= {"created": file.created, "timestamp": file.created, "size": len(file.content), **kinds}
    written |= {
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2] or "text",
        "mode": MODE[file.canvas],
    }
    written |= {"is_external": False, "is_public": bool(kinds["channels"]), "user_team": workspace.spec.team_id}
    return written | {"url_private": url, "url_private_download": f"{url}?download=1", "permalink": url}


_WHERE = (("channels", "C"), ("groups", "G"), ("ims", "D"))


def _unwrapped(body: bytes, content_type: str) -> bytes:
    """The bytes themselves, also where they came as a form."""
    if "multipart/form-data" not in content_type:
        return body
    parts = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body).get_payload()
    first = parts[0] if isinstance(parts, list) and parts else None
    content = first.get_payload(decode=True) if isinstance(first, Mail) else None
    return content if isinstance(content, bytes) else b""
