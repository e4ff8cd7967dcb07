"""What the page asks for: who and what is there, one conversation as one person sees it, and changes as they happen."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from callboard.sandbox.standin import StandIn
from callboard.sandbox.state import Conversation, Json, Message

PAGE = Path(__file__).parent / "page"
SHOWN = 200


def desk_routes(sandbox: StandIn) -> APIRouter:
    """The page's own routes."""
    routes = APIRouter(include_in_schema=False)
    state = sandbox.workspace.state

    @routes.get("/desk")
    async def desk(user: str | None = None) -> Json:
        """Everything but the messages, for one person."""
        spec = sandbox.spec
        people = [one.model_dump() | {"unread": _unread_dm(sandbox, one.id)} for one in state.users.values()]
        answer: Json = {"team": spec.name, "bot": spec.bot_user_id, "users": people}
        answer["commands"] = [one.model_dump() for one in spec.commands]
        answer["shortcuts"] = [one.model_dump() for one in spec.shortcuts]
        if user in state.users:
            mine = [one for one in state.conversations.values() if user in one.members]
            answer["conversations"] = [_listed(sandbox, one, user) for one in mine]
            answer["modals"] = [one.model_dump() for one in sandbox.views(user)]
            home = sandbox.home(user)
            answer["home"] = home and home.model_dump()
        return answer

    @routes.get("/conversation/{channel}")
    async def conversation(channel: str, user: str) -> list[Json]:
        """The last messages that this person sees."""
        seen = [one for one in sandbox.workspace.messages(channel).values() if one.only_for in (None, user)]
        return [one.model_dump(exclude_defaults=True) for one in seen[-SHOWN:]]

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


def _listed(sandbox: StandIn, conversation: Conversation, user: str) -> Json:
    # Members as a number: five hundred channels of two thousand people are megabytes of names that nobody looks at.
    shown = conversation.model_dump(exclude={"members"}) | {"members": len(conversation.members)}
    here = sandbox.workspace.bot in conversation.members
    return shown | {"bot_is_in": here, "unread": len(_unread(sandbox, conversation.id, user))}


def _unread(sandbox: StandIn, channel: str, user: str) -> list[Message]:
    mark = sandbox.workspace.state.read.get(user, {}).get(channel, "")
    everything = sandbox.workspace.messages(channel)
    return [one for ts, one in everything.items() if ts > mark and one.user != user and one.only_for in (None, user)]


def _unread_dm(sandbox: StandIn, user: str) -> int:
    return len(_unread(sandbox, sandbox.workspace.dm_id(user), user))
