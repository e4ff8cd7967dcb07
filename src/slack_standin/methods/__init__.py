"""The Web API methods that the sandbox answers, each with its scopes, tier and arguments."""

from slack_standin.methods import canvases, channels, chat, conversations, files, marks, other, usergroups, users, views
from slack_standin.methods.registry import METHODS, Arguments, Method

__all__ = [
    "METHODS",
    "Arguments",
    "Method",
    "canvases",
    "channels",
    "chat",
    "conversations",
    "files",
    "marks",
    "other",
    "usergroups",
    "users",
    "views",
]
