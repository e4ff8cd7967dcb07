"""The workspace as it lives: finds people and places, posts, edits and deletes, and says what has changed."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_standin.clock import AnyClock
from slack_standin.ids import with_ids
from slack_standin.state import Conversation, Json, Message, NotPossibleError, State, User, UserGroup
from slack_standin.workspace_spec import WorkspaceSpec

MICRO = 1_000_000
FIRST = 120


def first_words(text: str) -> str:
    """What a note has room for; no mark is cut in two."""
    line = text.partition("\n")[0]
    return line if len(line) <= FIRST else re.sub(r"(<[^<>]*|:[\w+-]*|&\w*)$", "", line[:FIRST]).rstrip() + "…"


class Workspace:
    """State, clock and spec together; `changed` and `happened` are who listens."""

    def __init__(self, spec: WorkspaceSpec, clock: AnyClock, state: State | None = None) -> None:
        """A kept `state` wins over the spec, which adds what it does not know yet."""
        self.spec = spec
        self.clock = clock
        self.state = state or State()
        self.bot = spec.bot_user_id
        self.revoked = False
        self.history_lag = 0.0
        self.changed: list[Callable[[Json], None]] = []
        self.happened: list[Callable[[Json], None]] = []
        self._furnish()

    def _furnish(self) -> None:
        state, spec = self.state, self.spec
        bot = User(id=self.bot, name=spec.bot_name.lower(), real_name=spec.bot_name, is_bot=True)
        state.users[self.bot] = bot
        for user in spec.users:
            state.users.setdefault(user.id, User(**user.model_dump()))
        everybody = [
            user.id
            for user in state.users.values()
            if not (user.is_bot or user.deleted or user.is_restricted or self.is_foreign(user))
        ]
        for channel in spec.channels:
            members = [self.user(name).id for name in channel.members] if channel.members is not None else everybody
            conversation = Conversation(
                id=channel.id, name=channel.name, kind="group" if channel.private else "channel",
                members=[*members, *([self.bot] if channel.bot and self.bot not in members else [])],
                archived=channel.archived, topic=channel.topic, created=self.seconds(),
            )  # fmt: skip
            state.conversations.setdefault(channel.id, conversation)
        for group in spec.groups:
            people = [self.user(name).id for name in group.users]
            made = UserGroup(id=group.id, handle=group.handle, name=group.name, users=people)
            state.groups.setdefault(group.id, made)

    def now(self) -> datetime:
        return self.clock.now()

    def seconds(self) -> int:
        """Plan time as Slack writes when something was made."""
        return int(self.now().timestamp())

    def announce(self, kind: str, **change: Any) -> None:
        """Tell whoever watches (the page, waiting tests, the snapshot) that something is different."""
        for listener in self.changed:
            listener({"kind": kind, **change})

    def happen(self, event: Json) -> None:
        """Hand an event to the app, if it subscribed to it."""
        for listener in self.happened:
            listener(event)

    def serial(self) -> int:
        """A number that was never given before."""
        self.state.serial += 1
        return self.state.serial

    def next_ts(self) -> str:
        """A message's id: plan time in seconds with six decimals, unique and rising even while the clock stands."""
        self.state.last_ts = max(self.state.last_ts + 1, int(self.now().timestamp() * MICRO))
        return f"{self.state.last_ts // MICRO}.{self.state.last_ts % MICRO:06d}"

    # Who and where

    def user(self, name: str) -> User:
        """By id or handle, with or without @; NotPossibleError when there is nobody."""
        found = self.state.users.get(name) or self.by_handle(name.removeprefix("@"))
        if found is None:
            raise NotPossibleError(f"there is nobody called {name!r} here")
        return found

    def team_of(self, user: str) -> str:
        """The workspace that somebody is of."""
        found = self.state.users.get(user)
        return (found.team_id if found else "") or self.spec.team_id

    def is_foreign(self, user: User) -> bool:
        """Whether somebody is of another workspace."""
        return self.team_of(user.id) != self.spec.team_id

    def teams_in(self, conversation: Conversation) -> list[str]:
        """The workspaces that share a conversation, the app's own first."""
        others = {self.team_of(user) for user in conversation.members} - {self.spec.team_id}
        return [self.spec.team_id, *sorted(others)]

    def is_stranger(self, user: User) -> bool:
        """Whether somebody is of another workspace, and in no channel with the app."""
        rooms = (room for room in self.state.conversations.values() if room.kind in {"channel", "group"})
        return self.is_foreign(user) and not any({user.id, self.bot} <= set(room.members) for room in rooms)

    def by_handle(self, handle: str) -> User | None:
        return next((user for user in self.state.users.values() if user.name == handle.lower()), None)

    def conversation(self, name: str, user: str | None = None) -> Conversation:
        """By id, `#name` or name; `dm` is the DM of `user` with the bot. NotPossibleError when there is none."""
        if user is not None and name in {"dm", "@" + self.state.users[self.bot].name, self.bot}:
            return self.dm(user)
        if found := self.find(name):
            return found
        raise NotPossibleError(f"there is no conversation {name!r} here")

    def find(self, name: str) -> Conversation | None:
        """A conversation by id, `#name` or name."""
        if found := self.state.conversations.get(name):
            return found
        bare = name.removeprefix("#")
        rooms = self.state.conversations.values()
        return next((room for room in rooms if room.name == bare and room.kind != "im"), None)

    def place(self, name: str) -> str:
        """The id of the conversation an app means by id, `#name` or a user's id; the name itself when unknown."""
        if name in self.state.users:
            return self.dm_id(name)
        found = self.find(name)
        return found.id if found else name

    @staticmethod
    def dm_id(user: str) -> str:
        """The id of a person's DM with the bot, opened or not."""
        return "D" + user[1:]

    def dm(self, user: str) -> Conversation:
        """A person's DM with the bot, opened if need be."""
        key = self.dm_id(user)
        if key not in self.state.conversations:
            made = Conversation(id=key, name="", kind="im", members=[user, self.bot], created=self.seconds())
            self.state.conversations[key] = made
            self.announce("conversation", channel=key)
        return self.state.conversations[key]

    # Messages

    def messages(self, channel: str) -> dict[str, Message]:
        """The messages of a conversation by ts, oldest first, ephemeral ones among them."""
        return self.state.messages.setdefault(channel, {})

    def message(self, channel: str, ts: str) -> Message | None:
        return self.messages(channel).get(ts)

    def post(self, conversation: Conversation, user: str, text: str, **fields: Any) -> Message:
        """Store a message and tell whoever should know; ephemeral ones make no event."""
        message = Message(channel=conversation.id, ts=self.next_ts(), user=user, text=text, **fields)
        message.blocks = with_ids(message.blocks)
        self.messages(conversation.id)[message.ts] = message
        if user != self.bot:
            self.mark_read(user, conversation.id, message.ts)
        told = {"channel": conversation.id, "ts": message.ts, "only_for": message.only_for, "by_bot": user == self.bot}
        self.announce("message", **told, says=first_words(message.shown))
        if message.only_for is None and not message.notice:
            self._tell(message, self.as_payload(message), message.ts)
            self._mention(message, message.ts)
        return message

    def _mention(self, message: Message, at: str) -> None:
        """Tell the app that it was named in a channel; in its own direct messages it isn't told so."""
        conversation = self.state.conversations[message.channel]
        named = f"<@{self.bot}>" in message.text and message.user != self.bot
        if named and conversation.kind != "im" and self.bot in conversation.members:
            mention = self.as_payload(message) | {"type": "app_mention"}
            self.happen(mention | {"channel": conversation.id, "event_ts": at})

    def edit(self, message: Message, **fields: Any) -> Message:
        """Replace parts of a message; the app hears of it as Slack tells it."""
        before = self.as_payload(message)
        if "blocks" in fields:
            fields["blocks"] = with_ids(fields["blocks"])
        for name, value in fields.items():
            setattr(message, name, value)
        message.edited = self.next_ts()
        self.announce("edited", channel=message.channel, ts=message.ts, only_for=message.only_for)
        if message.only_for is None:
            change = {"subtype": "message_changed", "previous_message": before, "message": self.as_payload(message)}
            self._tell(message, change | {"hidden": True, "ts": message.edited}, message.edited)
            self._mention(message, message.edited)
        return message

    def delete(self, message: Message) -> None:
        del self.messages(message.channel)[message.ts]
        self.announce("deleted", channel=message.channel, ts=message.ts, only_for=message.only_for)
        if message.only_for is None:
            ts, before = self.next_ts(), self.as_payload(message)
            change = {"subtype": "message_deleted", "deleted_ts": message.ts, "previous_message": before}
            self._tell(message, change | {"hidden": True, "ts": ts}, ts)

    def _tell(self, message: Message, change: Json, ts: str) -> None:
        kind = self.state.conversations[message.channel].kind
        self.happen({"type": "message", **change, "channel": message.channel, "channel_type": kind, "event_ts": ts})

    def as_payload(self, message: Message, *, metadata: bool = False) -> Json:
        """The message as Slack writes it."""
        payload: Json = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
        payload["team"] = team = self.team_of(message.user)
        if team != self.spec.team_id:
            payload |= {"user_team": team, "source_team": team}
        if message.bot_id:
            payload |= {"bot_id": message.bot_id, "app_id": self.spec.app_id, "bot_profile": self.bot_profile()}
        else:
            payload["client_msg_id"] = f"client-{message.ts}"
        payload |= {key: value for key in ("blocks", "attachments", "files") if (value := getattr(message, key))}
        if message.thread_ts:
            payload["thread_ts"] = message.thread_ts
            if parent := self.message(message.channel, message.thread_ts):
                payload["parent_user_id"] = parent.user
        if message.broadcast:
            payload["subtype"] = "thread_broadcast"
        elif message.files:
            payload["subtype"] = "file_share"
        if message.edited:
            payload["edited"] = {"user": message.user, "ts": message.edited}
        if message.reactions:
            told = ({"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items())
            payload["reactions"] = list(told)
        if metadata and message.metadata:
            payload["metadata"] = message.metadata
        return payload

    def bot_profile(self) -> Json:
        spec = self.spec
        names = {"id": spec.bot_id, "app_id": spec.app_id, "name": spec.bot_name, "team_id": spec.team_id}
        return names | {"icons": {}, "updated": 0, "deleted": False}

    def react(self, message: Message, user: str, name: str, *, added: bool = True) -> None:
        """Add somebody's reaction, or take it back, with the event for it."""
        people = message.reactions.setdefault(name, [])
        (people.append if added else people.remove)(user)
        if not people:
            del message.reactions[name]
        self.announce("edited", channel=message.channel, ts=message.ts, only_for=None)
        item = {"type": "message", "channel": message.channel, "ts": message.ts}
        event: Json = {"type": "reaction_added" if added else "reaction_removed", "user": user, "reaction": name}
        self.happen(event | {"item": item, "item_user": message.user, "event_ts": self.next_ts()})

    # Membership and reading

    def join(self, conversation: Conversation, user: str, inviter: str | None = None) -> None:
        """Add somebody, with the event for it."""
        if user not in conversation.members:
            conversation.members.append(user)
            self.announce("conversation", channel=conversation.id)
            self._membership("member_joined_channel", conversation, user, inviter)

    def leave(self, conversation: Conversation, user: str) -> None:
        if user in conversation.members:
            conversation.members.remove(user)
            self.announce("conversation", channel=conversation.id)
            self._membership("member_left_channel", conversation, user, None)

    def _membership(self, kind: str, conversation: Conversation, user: str, inviter: str | None) -> None:
        letter = "G" if conversation.kind == "group" else "C"
        event = {"type": kind, "user": user, "channel": conversation.id, "channel_type": letter}
        event |= {"team": self.team_of(user), "event_ts": self.next_ts()} | ({"inviter": inviter} if inviter else {})
        self.happen(event)

    def archive(self, conversation: Conversation, *, archived: bool = True) -> None:
        conversation.archived = archived
        self.announce("conversation", channel=conversation.id)
        event = {"type": f"{conversation.kind}_{'archive' if archived else 'unarchive'}", "channel": conversation.id}
        self.happen(event | {"user": "USLACKBOT", "event_ts": self.next_ts()})

    def delete_channel(self, conversation: Conversation) -> None:
        del self.state.conversations[conversation.id]
        self.happen({"type": f"{conversation.kind}_deleted", "channel": conversation.id, "event_ts": self.next_ts()})

    def recreate(self, conversation: Conversation) -> Conversation:
        """Delete a channel, and make another of its name with the same people."""
        self.delete_channel(conversation)
        fresh = {"id": f"C{self.serial():08d}", "archived": False, "created": self.seconds()}
        made = conversation.model_copy(update=fresh | {"members": [*conversation.members]})
        self.state.conversations[made.id] = made
        self.announce("conversation", channel=made.id)
        return made

    def share(self, conversation: Conversation) -> Conversation:
        """Share a private channel with another workspace: it and its messages have another id from then on."""
        former, made = conversation.id, conversation.model_copy(update={"id": f"C{self.serial():08d}"})
        del self.state.conversations[former]
        self.state.conversations[made.id] = made
        self.state.messages[made.id] = self.state.messages.pop(former, {})
        for message in self.state.messages[made.id].values():
            message.channel = made.id
        self.announce("conversation", channel=made.id)
        change = {"type": "channel_id_changed", "old_channel_id": former, "new_channel_id": made.id}
        self.happen(change | {"event_ts": self.next_ts()})
        return made

    def rename(self, conversation: Conversation, name: str) -> None:
        conversation.name = name
        self.announce("conversation", channel=conversation.id)
        named = {"id": conversation.id, "name": name, "created": conversation.created}
        self.happen({"type": f"{conversation.kind}_rename", "channel": named, "event_ts": self.next_ts()})

    def deactivate(self, user: User) -> None:
        user.deleted = True
        for conversation in self.state.conversations.values():
            if conversation.kind in {"channel", "group"} and user.id in conversation.members:
                conversation.members.remove(user.id)
                self.announce("conversation", channel=conversation.id)
        self._user_changed(user)

    def reactivate(self, user: User) -> None:
        user.deleted = False
        self._user_changed(user)

    def _user_changed(self, user: User) -> None:
        self.announce("user", user=user.id)
        who = {"id": user.id, "team_id": self.spec.team_id, "name": user.name, "deleted": user.deleted}
        self.happen({"type": "user_change", "user": who, "event_ts": self.next_ts()})

    def mark_read(self, user: str, channel: str, ts: str) -> None:
        """Remember how far somebody has read."""
        marks = self.state.read.setdefault(user, {})
        if ts > marks.get(channel, ""):
            marks[channel] = ts
            self.announce("read", user=user, channel=channel)
