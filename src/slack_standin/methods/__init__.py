"""The Web API methods that the sandbox answers, each with its scopes, tier and arguments."""

from slack_standin.methods import channels, chat, conversations, files, marks, users  # noqa: F401 (each declares its own)
from slack_standin.methods.registry import METHODS, Arguments, Method

__all__ = ["METHODS", "Arguments", "Method"]
