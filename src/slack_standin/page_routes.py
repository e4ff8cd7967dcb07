"""What the page asks for: who and what is there, one conversation as one person sees it, and changes as they happen."""

import mimetypes
from collections.abc import Container, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, StreamingResponse

from slack_standin.methods import METHODS
from slack_standin.methods.canvases import of_channel
from slack_standin.state import Conversation, Json

if TYPE_CHECKING:
    from slack_standin.sandbox import Sandbox

PAGE = Path(__file__).parent / "page"
SHOWN, MOST_UNREAD = 200, 100


def page_routes(sandbox: "Sandbox") -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    _desks(routes, sandbox)
    _shown(routes, sandbox)

    @routes.get("/conversation/{channel}")
    async def conversation(channel: str, user: str) -> list[Json]:
        """The last messages that this person sees."""
        seen = [message for message in sandbox.workspace.messages(channel).values() if message.only_for in (None, user)]
        return [message.model_dump(exclude_defaults=True) for message in seen[-SHOWN:]]

    @routes.post("/read")
    async def read(body: Json) -> Json:
        sandbox.workspace.mark_read(body["user"], body["channel"], body["ts"])
        return {"ok": True}

    @routes.post("/dm")
    async def dm(body: Json) -> Json:
        return {"channel": sandbox.workspace.dm(body["user"]).id}

    @routes.get("/changes")
    async def changes() -> StreamingResponse:
        return StreamingResponse(sandbox.feed.stream(), media_type="text/event-stream")

    return routes


def _desks(routes: APIRouter, sandbox: "Sandbox") -> None:
    state, rooms = sandbox.workspace.state, Rooms(sandbox)

    @routes.get("/people")
    async def people() -> Json:
        """Who there is and what the app can do: what seldom changes."""
        spec = sandbox.spec
        answer: Json = {"team": spec.name, "bot": spec.bot_user_id, "methods": sorted(METHODS)}
        answer["users"] = [person.model_dump() for person in state.users.values()]
        answer["tries"] = sandbox.tries
        answer["commands"] = [command.model_dump() for command in spec.commands]
        return answer | {"shortcuts": [shortcut.model_dump() for shortcut in spec.shortcuts]}

    @routes.get("/hints")
    async def hints(user: str) -> dict[str, list[str]]:
        """What one may type after each command, as far as somebody has handed it in."""
        return await sandbox.hints(user) if sandbox.hints else {}

    @routes.get("/desk")
    async def desk(user: str | None = None) -> JSONResponse:
        """What one person has before them, but for the messages, and who else has something unread from the app."""
        answer: Json = {"unread": dict(_unread_dms(sandbox))}
        if user in state.users:
            with_bot = rooms.of(sandbox.workspace.bot)
            answer["conversations"] = [_listed(sandbox, room, user, with_bot) for room in rooms.of(user).values()]
            answer["modals"] = [view.model_dump() for view in sandbox.views(user)]
            home = sandbox.home(user)
            answer["home"] = home and home.model_dump()
        # As it is: FastAPI would look at each of some thousand values first.
        return JSONResponse(answer)


def _shown(routes: APIRouter, sandbox: "Sandbox") -> None:
    state = sandbox.workspace.state

    @routes.get("/file/{file}")
    async def file(file: str) -> Response:
        """A file as its viewers see it: pictures as such, everything else as text, so that nothing in it runs."""
        found = state.files.get(file)
        if found is None:
            return Response("There is no such file.", 404)
        kind = mimetypes.guess_type(found.name)[0] or "text/plain"
        kind = kind if kind.startswith("image/") else "text/plain"
        return Response(found.content, media_type=kind, headers={"Content-Security-Policy": "sandbox"})

    @routes.get("/gallery")
    async def gallery() -> list[Json]:
        """Everything that the app can show, as far as somebody has handed it in."""
        return await sandbox.gallery() if sandbox.gallery else sandbox.screens

    @routes.put("/gallery")
    async def fill_gallery(screens: list[Json]) -> Json:
        """Each with group, id, title, and text and blocks, or a view."""
        sandbox.screens = screens
        return {"ok": True}


class Rooms:
    """Which conversations somebody is in, remembered until a membership changes."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._conversations = sandbox.workspace.state.conversations
        self._known: dict[str, dict[str, Conversation]] = {}
        sandbox.workspace.changed.append(self._hear)

    def of(self, user: str) -> dict[str, Conversation]:
        """By id."""
        if user not in self._known:
            self._known[user] = {key: room for key, room in self._conversations.items() if user in room.members}
        return self._known[user]

    def _hear(self, change: Json) -> None:
        if change["kind"] == "conversation":
            self._known.clear()


def _listed(sandbox: "Sandbox", conversation: Conversation, user: str, with_bot: Container[str]) -> Json:
    # Members as a number: five hundred channels of two thousand people are megabytes of names that nobody looks at.
    shown: Json = {name: getattr(conversation, name) for name in ("id", "name", "kind", "archived", "topic")}
    here = conversation.id in with_bot
    count = _unread(sandbox, conversation.id, user)
    canvas = of_channel(sandbox.workspace, conversation.id)
    shown["canvas"] = canvas.id if canvas else ""
    return shown | {"members": len(conversation.members), "bot_is_in": here, "unread": count}


def _unread(sandbox: "Sandbox", channel: str, user: str) -> int:
    """How many messages are newer than what the person has read, 100 at most."""
    mark, count = sandbox.workspace.state.read.get(user, {}).get(channel, ""), 0
    for ts, message in reversed(sandbox.workspace.state.messages.get(channel, {}).items()):
        if ts <= mark or count == MOST_UNREAD:
            break
        count += message.user != user and message.only_for in (None, user)
    return count


def _unread_dms(sandbox: "Sandbox") -> Iterator[tuple[str, int]]:
    for conversation in sandbox.workspace.state.conversations.values():
        if conversation.kind == "im" and (count := _unread(sandbox, conversation.id, conversation.person)):
            yield conversation.person, count
