"""Menus whose options the app provides while somebody types: asked for within three seconds, checked like any other."""

from slack_standin import payloads
from slack_standin.blocks import check_options
from slack_standin.clicks import find_action
from slack_standin.errors import NotPossibleError, SlackError
from slack_standin.forms import Forms
from slack_standin.inputs import options
from slack_standin.state import Json
from slack_standin.views import as_view


class Suggested(Forms):
    """People, with menus that ask the app."""

    async def options(
        self,
        user: str,
        action: str,
        typed: str = "",
        *,
        channel: str | None = None,
        ts: str | None = None,
        view_id: str | None = None,
    ) -> list[Json]:
        """What an external menu of a message (`channel`, `ts`) or a view (the top modal) offers for what is typed.

        The options can be given to `click` or `submit`. None when the app does not answer in time, or wrongly.
        """
        person = self.who(user)
        if channel is not None and ts is not None:
            conversation = self.where(person, channel)
            message = self.workspace.message(conversation.id, ts)
            if message is None or message.only_for not in (None, person.id):
                raise NotPossibleError(f"{person.name} sees no message {ts}")
            element = self._external(message.blocks, action)
            payload = payloads.message_suggestion(self.workspace, person, message, element, typed)
        else:
            view = self.view(user, view_id)
            element = self._external(view.blocks, action)
            shape = as_view(self.workspace, view)
            payload = payloads.view_suggestion(self.workspace.spec, person, shape, element, typed)
        ack = await self.courier.send("interactive", payload)
        return self._offered(ack.payload) if ack.ok else []

    @staticmethod
    def _external(blocks: list[Json], action: str) -> Json:
        element = find_action(blocks, action)
        if not element["type"].endswith("external_select"):
            raise NotPossibleError(f"{action!r} does not ask the app for its options")
        return element

    def _offered(self, answer: Json) -> list[Json]:
        if problems := check_options(answer):
            self.courier.objected("block_suggestion", SlackError("invalid_arguments", *problems))
            return []
        return list(options(answer))
