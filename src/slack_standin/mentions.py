"""Mentions, channels and links, as Slack encodes what people type."""

import re

from slack_standin.workspace import Workspace

_TOKEN = re.compile(
    r"<(@[UW][A-Z0-9]+|#[CG][A-Z0-9]+)(\|[^<>]*)?>"
    r"|(https?://[^\s<>|]*[^\s<>|.,;:!?)])"
    r"|(?<![\w@])@([\w.-]+)"
    r"|(?<![\w#&])#([\w-]+)"
)
_MENTION, _GROUP = re.compile(r"<@([UW][A-Z0-9]+)>"), re.compile(r"<!subteam\^([A-Z0-9]+)>")


def escaped(text: str) -> str:
    """The three characters that Slack escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def encoded(workspace: Workspace, text: str) -> str:
    """`@olga` -> `<@U...>`, `#ops` -> `<#C...|ops>`, addresses in <>, & < > escaped.

    `<@U...>` and `<#C...>` of somebody or something that exists stay, as if picked from the completion.
    """
    parts, end = [], 0
    for match in _TOKEN.finditer(text):
        parts += [escaped(text[end : match.start()]), _encoded_token(workspace, match)]
        end = match.end()
    return "".join([*parts, escaped(text[end:])])


def labelled(workspace: Workspace, text: str) -> str:
    """`<@U...>` -> `<@U...|olga>`, `<!subteam^S...>` -> `<!subteam^S...|@ops>`: in slash commands names go along."""
    state = workspace.state
    text = _MENTION.sub(lambda found: f"<@{found[1]}|{state.users[found[1]].name}>", text)
    return _GROUP.sub(lambda found: f"<!subteam^{found[1]}|@{state.groups[found[1]].handle}>", text)


def _encoded_token(workspace: Workspace, match: re.Match[str]) -> str:
    token, _, link, handle, channel = match.groups()
    whole = match.group()
    if token:
        known = workspace.state.users if token[0] == "@" else workspace.state.conversations
        return whole if token[1:] in known else escaped(whole)
    if link:
        return f"<{escaped(link)}>"
    if handle:
        return _mention(workspace, handle)
    found = workspace.find(channel)
    return f"<#{found.id}|{found.name}>" if found and found.kind == "channel" else whole


def _mention(workspace: Workspace, handle: str) -> str:
    if handle in {"here", "channel", "everyone"}:
        return f"<!{handle}>"
    # A full stop after a mention ends the sentence, it isn't part of the handle.
    for name in (handle, handle.rstrip(".-")):
        if user := workspace.by_handle(name):
            return f"<@{user.id}>" + escaped(handle[len(name) :])
        if group := next((group for group in workspace.state.groups.values() if group.handle == name), None):
            return f"<!subteam^{group.id}>" + escaped(handle[len(name) :])
    return f"@{handle}"
