"""Forms: people fill in, submit, click in and close modals and the App Home; what the form itself refuses."""

from typing import Any

from slack_standin import payloads
from slack_standin.choices import FIELDS, Values, action_for, find_action, note, options
from slack_standin.delivery import Courier
from slack_standin.element_check import check_options
from slack_standin.methods.views import Triggers, Views, as_view, checked
from slack_standin.people import Outcome, People
from slack_standin.response_url import Occasion, Replies
from slack_standin.state import Json, NotPossibleError, SlackError, View
from slack_standin.workspace import Workspace

TROUBLE = "We had some trouble connecting. Try again?"


class Forms(People):
    """People, with the views they have open."""

    def __init__(self, workspace: Workspace, courier: Courier, replies: Replies, triggers: Triggers) -> None:
        super().__init__(workspace, courier, replies, triggers)
        self.modals = Views(workspace)

    def views(self, user: str) -> list[View]:
        return self.modals.stack(self.workspace.user(user).id)

    def home(self, user: str) -> View | None:
        """Somebody's App Home, None before the app published one."""
        return self.modals.home(self.workspace.user(user).id)

    def view(self, user: str, view_id: str | None = None) -> View:
        """A view of somebody's by id, the top modal by default."""
        person = self.who(user)
        stack = self.views(user)
        found = self.modals.find(view_id) if view_id else stack[-1] if stack else None
        if found is None or found.user != person.id:
            raise NotPossibleError(f"{person.name} has no such view open")
        return found

    async def open_home(self, user: str) -> Outcome:
        """Open the app's Home tab; the app hears of it by an event and may publish a view."""
        person = self.who(user)
        home = self.modals.home(person.id)
        dm = self.workspace.dm(person.id)
        event: Json = {"type": "app_home_opened", "user": person.id, "channel": dm.id, "tab": "home"}
        event["event_ts"] = self.workspace.next_ts()
        if home is not None:
            event["view"] = as_view(self.workspace, home)
        self.workspace.happen(event)
        return Outcome(ok=True, view=home)

    async def click_in_view(
        self, user: str, action: str, value: Any = None, *, view_id: str | None = None, block_id: str | None = None,
        values: Json | None = None,
    ) -> Outcome:  # fmt: skip
        """Use something in a modal (the top one by default) or in a Home (by its id), other fields filled in first."""
        view, person = self.view(user, view_id), self.who(user)
        self.fill(view.values, view.blocks, values or {})
        element = find_action(view.blocks, action, value, block_id)
        told = action_for(element, value, self.resolve, self.workspace.next_ts())
        note(view.values, told)
        trigger, shape = self.triggers.give(person.id), as_view(self.workspace, view)
        payload = payloads.view_click(self.workspace.spec, person, shape, told, trigger=trigger)
        ack = await self.courier.send("interactive", payload)
        return self._with_top(person.id, Outcome(ack.ok, None if ack.ok else TROUBLE, seconds=ack.seconds))

    def _with_top(self, user: str, outcome: Outcome) -> Outcome:
        outcome.view = next(reversed(self.modals.stack(user)), None)
        return outcome

    async def submit(self, user: str, values: Json | None = None, view_id: str | None = None) -> Outcome:
        """Fill in fields (by block_id, action_id or label) and submit a modal, the top one by default."""
        view = self.view(user, view_id)
        if view.type != "modal" or not view.body.get("submit"):
            raise NotPossibleError(f"{view.title!r} cannot be submitted")
        self.fill(view.values, view.blocks, values or {})
        if refused := objections(view.blocks, view.values):
            return Outcome(ok=False, failure="; ".join(refused.values()), errors=refused, view=view)
        person = self.who(user)
        payload = payloads.submission(
            self.workspace.spec, person, as_view(self.workspace, view), trigger=self.triggers.give(person.id),
            response_urls=self._response_urls(view),
        )  # fmt: skip
        ack = await self.courier.send("interactive", payload)
        if not ack.ok:
            return Outcome(ok=False, failure=TROUBLE, view=view, seconds=ack.seconds)
        return self._with_top(person.id, self._answered(view, ack.payload, ack.seconds))

    def _response_urls(self, view: View) -> list[Json]:
        given = []
        for block in view.blocks:
            element = block.get("element") or {}
            entry = view.values.get(block["block_id"], {}).get(element.get("action_id", ""), {})
            channel = entry.get("selected_conversation") or entry.get("selected_channel")
            if element.get("response_url_enabled") and channel:
                place = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": channel}
                given.append(place | {"response_url": self.replies.give(Occasion(view.user, channel))})
        return given

    def _answered(self, view: View, answer: Json, seconds: float) -> Outcome:
        outcome = Outcome(ok=True, seconds=seconds)
        kind = answer.get("response_action")
        # Another delivery may have closed it meanwhile.
        if self.modals.find(view.id) is None:
            return outcome
        try:
            if kind == "errors":
                return self._objected(view, answer.get("errors") or {}, outcome)
            if kind == "clear":
                self.modals.clear(view.user)
            elif kind == "update":
                self.modals.replace(view, checked(answer.get("view"), "modal"))
            elif kind == "push":
                self.modals.push(view.user, checked(answer.get("view"), "modal"))
            else:
                self.modals.close(view)
        except SlackError as error:
            self.courier.objected("view_submission", error)
            return Outcome(ok=False, failure=TROUBLE, view=view)
        return outcome

    def _objected(self, view: View, errors: dict[str, str], outcome: Outcome) -> Outcome:
        inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
        if not errors or not set(errors) <= inputs:
            raise SlackError("invalid_arguments", f"[ERROR] errors for blocks that are no inputs: {sorted(errors)}")
        outcome.ok, outcome.errors, outcome.failure = False, errors, "; ".join(errors.values())
        return outcome

    async def close_view(self, user: str, view_id: str | None = None, *, everything: bool = False) -> Outcome:
        """Close a modal, or all of them; the app hears of it where the view asked for that."""
        view, person = self.view(user, view_id), self.who(user)
        cleared = everything or bool(view.body.get("clear_on_close"))
        told = [each for each in reversed(self.views(user)) if cleared or each is view]
        shapes = [as_view(self.workspace, each) for each in told if each.body.get("notify_on_close")]
        if cleared:
            self.modals.clear(person.id)
        else:
            self.modals.close(view)
        for shape in shapes:
            payload = payloads.closed(self.workspace.spec, person, shape, cleared=cleared)
            await self.courier.send("interactive", payload)
        return self._with_top(person.id, Outcome(ok=True))

    async def options(
        self, user: str, action: str, typed: str = "", *, channel: str | None = None, ts: str | None = None,
        view_id: str | None = None,
    ) -> list[Json]:  # fmt: skip
        """What an external menu of a message (`channel`, `ts`) or a view (the top modal) offers for what is typed.

        The options can be given to `click` or `submit`. None when the app does not answer in time, or wrongly.
        """
        person = self.who(user)
        if channel is not None and ts is not None:
            message = self.seen(person, channel, ts)
            element = _external(message.blocks, action)
            payload = payloads.message_suggestion(self.workspace, person, message, element, typed)
        else:
            view = self.view(user, view_id)
            element = _external(view.blocks, action)
            shape = as_view(self.workspace, view)
            payload = payloads.view_suggestion(self.workspace.spec, person, shape, element, typed)
        ack = await self.courier.send("interactive", payload)
        if ack.ok and (problems := check_options(ack.payload)):
            self.courier.objected("block_suggestion", SlackError("invalid_arguments", *problems))
            return []
        return list(options(ack.payload)) if ack.ok else []


def _external(blocks: list[Json], action: str) -> Json:
    element = find_action(blocks, action)
    if not element["type"].endswith("external_select"):
        raise NotPossibleError(f"{action!r} does not ask the app for its options")
    return element


def objections(blocks: list[Json], values: Values) -> dict[str, str]:
    """What the form itself refuses before the app hears of it, by block_id."""
    found: dict[str, str] = {}
    for block in blocks:
        if block["type"] == "input":
            element = block["element"]
            entry = values[block["block_id"]][element["action_id"]] if element["type"] in FIELDS else {}
            empty = all(value in (None, "", []) for key, value in entry.items() if key != "type")
            if empty and not block.get("optional"):
                found[block["block_id"]] = "Please complete this required field."
            elif not empty and (text := _length(element, entry)):
                found[block["block_id"]] = text
    return found


def _length(element: Json, entry: Json) -> str | None:
    if element["type"] != "plain_text_input":
        return None
    size, most, least = len(entry["value"]), element.get("max_length", 3000), element.get("min_length", 0)
    if size > most:
        return f"Must be {most} characters or fewer."
    return f"Must be at least {least} characters." if size < least else None
