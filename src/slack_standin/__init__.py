"""A stand-in for Slack: Web API, Socket Mode, signed HTTP, and a page to type into. Knows nothing of Callboard.

sandbox: everything put together
spec, state, workspace: what a workspace is made of, what is in it, and what happens in it
people, forms, inputs: what people do with messages, with modals, and what they fill in
payloads, courier, sockets: what the app is sent, and how
web_api, methods, faults: what the app asks, method by method, and how that fails
answers, views, uploads: response addresses and triggers, modals and Homes, files
blocks, elements: Slack's rules for what is shown
record, clock: what happened, and plan time
server, control, desk: the web application, its control API, and its page
"""

from slack_standin.clock import SandboxClock
from slack_standin.people import Outcome
from slack_standin.sandbox import Sandbox, run, start
from slack_standin.spec import ChannelSpec, CommandSpec, ShortcutSpec, UserSpec, WorkspaceSpec
from slack_standin.state import Message, NotPossibleError, SlackError, View
from slack_standin.web_api import RateLimits

__all__ = [
    "ChannelSpec", "CommandSpec", "Message", "NotPossibleError", "Outcome", "RateLimits", "Sandbox", "SandboxClock",
    "ShortcutSpec", "SlackError", "UserSpec", "View", "WorkspaceSpec", "run", "start",
]  # fmt: skip
