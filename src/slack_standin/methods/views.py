"""views.*: modals and the App Home."""

from slack_standin.errors import SlackError
from slack_standin.methods.registry import Call, method
from slack_standin.state import Json, View
from slack_standin.views import as_view


def _user_of_trigger(call: Call) -> str:
    trigger = call.arguments.text("trigger_id") or call.arguments.text("interactivity_pointer")
    if not trigger:
        raise SlackError("invalid_arguments", "[ERROR] missing required field: trigger_id [json-pointer:/trigger_id]")
    return call.triggers.use(trigger)


def _answer(call: Call, view: View) -> Json:
    return {"view": {key: value for key, value in as_view(call.workspace, view).items() if value is not None}}


@method("views.open", tier=4, required="view", optional="trigger_id interactivity_pointer")
def open_(call: Call) -> Json:
    """Open a modal for whoever caused the trigger."""
    body = call.views.checked(call.arguments.json("view"), "modal")
    return _answer(call, call.views.open(_user_of_trigger(call), body))


@method("views.push", tier=4, required="view", optional="trigger_id interactivity_pointer")
def push(call: Call) -> Json:
    """Put a modal on top of the open one, three at most."""
    body = call.views.checked(call.arguments.json("view"), "modal")
    return _answer(call, call.views.push(_user_of_trigger(call), body))


@method("views.update", tier=4, required="view", optional="view_id external_id hash")
def update(call: Call) -> Json:
    """Replace an open view; what was typed stays where block_id and action_id stay."""
    arguments, views = call.arguments, call.views
    view = views.find(arguments.text("view_id"), arguments.text("external_id"))
    if view is None:
        raise SlackError("not_found")
    views.same(view, arguments.text("hash"))
    return _answer(call, views.replace(view, views.checked(arguments.json("view"), view.type)))


@method("views.publish", tier=4, required="user_id view", optional="hash interactivity_pointer")
def publish(call: Call) -> Json:
    """Set somebody's App Home."""
    arguments, views = call.arguments, call.views
    if not call.workspace.spec.home_tab:
        raise SlackError("not_enabled")
    user = call.workspace.state.users.get(arguments.text("user_id"))
    if user is None:
        raise SlackError("invalid_arguments", "[ERROR] no such user [json-pointer:/user_id]")
    body = views.checked(arguments.json("view"), "home")
    return _answer(call, views.publish(user.id, body, arguments.text("hash")))
