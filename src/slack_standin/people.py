"""People: they say things, type commands, click in messages, react, upload and use shortcuts.

One code for tests, the control API and the page. What is typed is sent with mentions, channels and links encoded.
"""

from dataclasses import dataclass, field
from typing import Any

from slack_standin import payloads
from slack_standin.choices import Values, action_for, chosen, field_named, find_action, initial_values, note
from slack_standin.delivery import Courier
from slack_standin.mentions import encoded, labelled
from slack_standin.methods import canvases
from slack_standin.methods.files import as_file, keep, made, share
from slack_standin.methods.views import Triggers
from slack_standin.response_url import Occasion, Replies
from slack_standin.state import Conversation, Json, Message, NotPossibleError, SlackError, User, View
from slack_standin.workspace import Workspace


@dataclass
class Outcome:
    """`ok` when the app acknowledged in time; else `failure` is what the person sees.

    `messages`: what the acknowledgement itself and the response_url produced (it goes on filling after the
    acknowledgement); `errors`: block_id -> text under a modal's fields; `view`: the modal that is on top now.
    """

    ok: bool
    failure: str | None = None
    messages: list[Message] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    view: View | None = None
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """The words of the answer, or of the failure."""
        return self.failure or "\n".join(message.shown for message in self.messages)

    def as_json(self) -> Json:
        return {
            "ok": self.ok, "failure": self.failure, "messages": [message.model_dump() for message in self.messages],
            "errors": self.errors, "view": self.view.model_dump() if self.view else None,
            "seconds": round(self.seconds, 4),
        }  # fmt: skip


class People:
    """Users are named by id or handle, channels by id, name or `dm` (the person's DM with the bot)."""

    def __init__(self, workspace: Workspace, courier: Courier, replies: Replies, triggers: Triggers) -> None:
        self.workspace = workspace
        self.courier = courier
        self.replies = replies
        self.triggers = triggers

    def who(self, user: str) -> User:
        """The person; bots and people who left do nothing here."""
        found = self.workspace.user(user)
        if found.is_bot or found.deleted:
            raise NotPossibleError(f"{found.name} cannot act here")
        return found

    def where(self, user: User, channel: str) -> Conversation:
        """The conversation, if the person is in it."""
        found = self.workspace.conversation(channel, user.id)
        if user.id not in found.members:
            raise NotPossibleError(f"{user.name} is not in {found.name or found.id}")
        return found

    def seen(self, user: User, channel: str, ts: str) -> Message:
        """A message that the person sees."""
        conversation = self.where(user, channel)
        message = self.workspace.message(conversation.id, ts)
        if message is None or message.only_for not in (None, user.id):
            raise NotPossibleError(f"{user.name} sees no message {ts} in {conversation.name or conversation.id}")
        return message

    def say(
        self, user: str, channel: str, text: str, thread_ts: str | None = None, *, broadcast: bool = False
    ) -> Message:
        """Post a message as a person, from a thread to the channel too; the app hears of it by an event."""
        person = self.who(user)
        conversation = self.where(person, channel)
        if conversation.archived:
            raise NotPossibleError(f"{conversation.name} is archived")
        return self.workspace.post(
            conversation, person.id, encoded(self.workspace, text), thread_ts=thread_ts, broadcast=broadcast
        )

    def edit(self, user: str, channel: str, ts: str, text: str) -> Message:
        """Change one's own message; the app hears of that, and is told anew when it is named in it."""
        person = self.who(user)
        message = self.seen(person, channel, ts)
        if message.user != person.id:
            raise NotPossibleError(f"{person.name} did not write {ts}")
        return self.workspace.edit(message, text=encoded(self.workspace, text))

    def react(self, user: str, channel: str, ts: str, emoji: str, *, added: bool = True) -> Message:
        """React to a message, or take the reaction back; the app hears of it by an event."""
        person = self.who(user)
        message = self.seen(person, channel, ts)
        if message.only_for is not None:
            raise NotPossibleError(f"there is no message {ts} to react to")
        if (person.id in message.reactions.get(emoji, [])) == added:
            raise NotPossibleError(f"{person.name} has {'already' if added else 'not'} reacted with {emoji}")
        self.workspace.react(message, person.id, emoji, added=added)
        return message

    def upload(
        self, user: str, name: str, content: str | bytes, channel: str | None = None, thread_ts: str | None = None
    ) -> Json:
        """Upload a file, and with `channel` post it there, or in a thread; returns it as Slack writes it."""
        person, workspace = self.who(user), self.workspace
        conversation = None if channel is None else self.where(person, channel)
        body = content.encode() if isinstance(content, str) else content
        file = keep(workspace, made(workspace, name, person.id, body))
        if conversation is not None:
            share(workspace, conversation, [file], self.replies.base_url, text="", thread_ts=thread_ts)
        return as_file(workspace, file, self.replies.base_url)

    def write_canvas(self, user: str, channel: str, text: str) -> str:
        """Type at the end of the document of a channel, which is made where there is none; returns all of it."""
        person = self.who(user)
        return canvases.write(self.workspace, self.where(person, channel), person.id, text).content.decode()

    async def command(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Outcome:
        """Type a slash command, `/word and the rest`."""
        person = self.who(user)
        conversation = self.where(person, channel)
        name, rest = (*text.split(None, 1), "", "")[:2]
        declared = {command.command: command for command in self.workspace.spec.commands}
        if thread_ts is not None:
            return self._failed(person, conversation, f"{name} is not supported in threads. Sorry!", thread_ts)
        # Commands are those of the workspace in which the app is installed.
        if (declared and name not in declared) or self.workspace.is_foreign(person):
            return self._failed(person, conversation, f"`{name}` is not a valid command.")
        escape = not declared or declared[name].should_escape
        rest = labelled(self.workspace, encoded(self.workspace, rest.strip())) if escape else rest.strip()
        occasion = Occasion(person.id, conversation.id)
        payload = payloads.command(
            self.workspace.spec, person, conversation, name, rest, trigger=self.triggers.give(person.id),
            response_url=self.replies.give(occasion),
        )  # fmt: skip
        ack = await self.courier.send("slash_commands", payload)
        if failure := self._answer(occasion, ack.payload) if ack.ok else ack.error:
            return self._failed(person, conversation, f'{name} failed with the error "{failure}"')
        return Outcome(ok=True, messages=occasion.produced, seconds=ack.seconds)

    def _answer(self, occasion: Occasion, payload: Json) -> str | None:
        if not {"text", "blocks", "attachments"} & set(payload):
            return None
        try:
            self.replies.say(occasion, payload)
        except SlackError as error:
            self.courier.objected("acknowledgement", error)
            return error.code
        return None

    def _failed(self, person: User, conversation: Conversation, text: str, thread_ts: str | None = None) -> Outcome:
        self.workspace.post(
            conversation, "USLACKBOT", text, only_for=person.id, notice=True, thread_ts=thread_ts, bot_id="B00"
        )
        return Outcome(ok=False, failure=text)

    async def click(
        self, user: str, channel: str, ts: str, action: str, value: Any = None, *, selected: Any = None,
        block_id: str | None = None, state: Json | None = None,
    ) -> Outcome:  # fmt: skip
        """Use a button, menu or picker of a message; `action` is its action_id or label.

        `value` tells buttons of one action_id apart, or is what is chosen (an option's value or label, a handle,
        `YYYY-MM-DD`); `selected` says the same. `state` holds other inputs of the message by block_id.
        """
        person = self.who(user)
        message = self.seen(person, channel, ts)
        choice = value if selected is None else selected
        element = find_action(message.blocks, action, choice, block_id)
        told = action_for(element, choice, self.resolve, self.workspace.next_ts())
        values = initial_values(message.blocks)
        self.fill(values, message.blocks, state or {})
        note(values, told)
        occasion = Occasion(person.id, message.channel, message.ts, message.thread_ts)
        payload = payloads.message_click(
            self.workspace, person, message, told, values, trigger=self.triggers.give(person.id),
            response_url=self.replies.give(occasion),
        )  # fmt: skip
        return await self._interact(payload, occasion, 'This app did not respond ("{}").')

    async def _interact(self, payload: Json, occasion: Occasion, failure: str) -> Outcome:
        ack = await self.courier.send("interactive", payload)
        return Outcome(ack.ok, None if ack.ok else failure.format(ack.error), occasion.produced, seconds=ack.seconds)

    async def shortcut(self, user: str, callback_id: str, channel: str | None = None, ts: str | None = None) -> Outcome:
        """Use a shortcut, on a message when `channel` and `ts` are given, else a global one."""
        person = self.who(user)
        if self.workspace.is_foreign(person):
            raise NotPossibleError(f"the app is not installed in the workspace of {person.name}")
        trigger = self.triggers.give(person.id)
        kind = "global" if ts is None or channel is None else "message"
        declared = {shortcut.callback_id for shortcut in self.workspace.spec.shortcuts if shortcut.type == kind}
        if self.workspace.spec.shortcuts and callback_id not in declared:
            raise NotPossibleError(f"there is no {kind} shortcut {callback_id!r}")
        if channel is None or ts is None:
            occasion = Occasion(person.id, "")
            payload = payloads.global_shortcut(self.workspace, person, callback_id, trigger=trigger)
        else:
            message = self.seen(person, channel, ts)
            occasion = Occasion(person.id, message.channel, message.ts, message.thread_ts)
            url = self.replies.give(occasion)
            payload = payloads.message_shortcut(
                self.workspace, person, message, callback_id, trigger=trigger, response_url=url
            )
        return await self._interact(payload, occasion, 'The shortcut failed with the error "{}".')

    def resolve(self, kind: str, name: str) -> str:
        """A handle or a channel's name as an id."""
        return self.workspace.user(name).id if kind == "user" else self.workspace.conversation(name).id

    def fill(self, values: Values, blocks: list[Json], filled: Json) -> None:
        """Write what a person filled in, by block_id or by the label shown, into `state.values`."""
        for name, value in filled.items():
            block, element = field_named(blocks, name)
            values[block["block_id"]][element["action_id"]] = chosen(element, value, self.resolve)
