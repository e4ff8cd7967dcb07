"""A stand-in for Slack: Web API, Socket Mode, signed HTTP, and a page to type into. Knows nothing of Callboard.

sandbox: everything put together
front: several workspaces at one address, and how an app is installed in them
workspace_spec, state, workspace: what a workspace is made of, what is in it and kept, and what happens in it
people, forms, choices, mentions: what people do, what they do with modals, what they choose, and whom they name
payloads, delivery, socket_mode: what the app is sent, how it gets there, and the sockets it holds open
response_url: answers to what a person did
web_api, methods, rate_limits_and_faults: what the app asks, method by method, and how that fails
block_check, element_check, limits: Slack's rules for what is shown, and how much of it
record, clock: what happened, and plan time
server, control_api, page_routes: the web application, its control API, and what its page asks for
"""

from slack_standin.clock import SandboxClock
from slack_standin.front import Front
from slack_standin.people import Outcome
from slack_standin.rate_limits_and_faults import RateLimits
from slack_standin.sandbox import Sandbox, start
from slack_standin.state import Message, NotPossibleError, SlackError, View
from slack_standin.workspace_spec import ChannelSpec, CommandSpec, ShortcutSpec, UserSpec, WorkspaceSpec

__all__ = [
    "ChannelSpec", "CommandSpec", "Front", "Message", "NotPossibleError", "Outcome", "RateLimits", "Sandbox",
    "SandboxClock", "ShortcutSpec", "SlackError", "UserSpec", "View", "WorkspaceSpec", "start",
]  # fmt: skip
