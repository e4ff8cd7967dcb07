"""Structured logs: JSON where a program reads them, lines where a person does, and never a token in them."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

from callboard.core.words import visible

MASK = "***"
SHORTEST_SECRET = 6

# xoxb-, xapp-, xwfp- and the like; who asks, in addresses; tokens in headers and queries, of forges, and ours; those of
# calendars, boards and answers; what Slack's response addresses can do.
_TOKENS = re.compile(
    r"(?P<token>x(?:ox[a-z]|app|wfp|oxe)(?:\.xox[a-z])?-)[\w-]+"
    r"|(?P<scheme>[a-z][a-z0-9+.-]{0,20}://)[^\s/@]+@"
    r"|(?P<bearer>(?:Bearer|Basic)\s+)[\w.~+/=-]+"
    r"|(?P<header>\b(?:[\w-]{0,20}token|cookie)['\"]?: ['\"]?)[^\s'\"]+"
    r"|(?P<query>\b\w{0,20}(?:token|secret|password|api_?key|_board)=)[^\s&#;'\"]+"
    r"|(?P<forge>\b(?:gh[opsur]_|github_pat_|glpat-))[\w-]{16,}"
    r"|(?P<own>\bcallboard_)[\w-]{32,}|(?P<feed>/calendar/)[\w-]{16,}"
    r"|(?P<board>/board/[\w-]{1,40}/open/)[\w.-]{16,}|(?P<answer>/answer/)[\w.-]{16,}"
    r"|(?P<hook>hooks\.slack\.com/)[\w/-]+",
    re.IGNORECASE,
)
_NAMES = re.compile(r"token|secret|password|authorization|signature|response_url", re.IGNORECASE)


class Stderr:
    """What `sys.stderr` is at the moment. A log that nobody takes any more stops nothing."""

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


Processor = Callable[[WrappedLogger, str, EventDict], EventDict]


def configure(*, as_json: bool, level: str = "INFO", secrets: Iterable[str] = ()) -> None:
    """Write everything to stderr, what libraries log through the standard library too.

    `secrets` are values that must not appear, whatever they look like.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()]
    arriving: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    stderr = Stderr()
    leaving: list[Any] = [
        briefly,
        structlog.processors.format_exc_info,
        masking(secrets),
        *([structlog.processors.JSONRenderer(default=str)] if as_json else [terminal, structlog.dev.ConsoleRenderer()]),
    ]
    structlog.configure(
        processors=[*arriving, *leaving],
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", stderr)),
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
    )
    handler = logging.StreamHandler(stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=arriving,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *leaving],
        )
    )
    logging.basicConfig(handlers=[handler], level=threshold, force=True)
    logging.getLogger("alembic").setLevel(max(threshold, logging.WARNING))  # `schema.upgraded` says it in one line


def briefly(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A database that is away, or takes nothing, is no fault of the program: what it says, and no traceback."""
    told = event.get("exc_info")
    error = told if isinstance(told, BaseException) else (told if isinstance(told, tuple) else sys.exc_info())[1]
    if not told or error is None:
        return event
    from callboard.core.engine import is_out_of_order, trouble  # takes long, and is there where this happens

    if is_out_of_order(error) or trouble(error):
        said = str(getattr(error, "orig", error)).strip()
        event = {**event, "why": event.get("why") or said.split("\n")[0], "exc_info": None}
    return event


def terminal(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Nothing steers the terminal, or looks like another line; a traceback keeps its lines."""
    return {key: visible(str(value), "\n" if key == "exception" else "") for key, value in event.items()}


def masking(secrets: Iterable[str] = ()) -> Processor:
    """Make the processor that replaces secrets in every value, however deep."""
    known = sorted({secret for secret in secrets if len(secret) >= SHORTEST_SECRET}, key=len, reverse=True)

    def masked(value: Any) -> Any:
        if isinstance(value, str):
            for secret in known:
                value = value.replace(secret, MASK)
            return _TOKENS.sub(_kept, value)
        if isinstance(value, Mapping):
            return {
                key: MASK if isinstance(inner, str) and inner and _NAMES.search(str(key)) else masked(inner)
                for key, inner in value.items()
            }
        if isinstance(value, list | tuple | set):
            return [masked(inner) for inner in value]
        return value if value is None or isinstance(value, bool | int | float) else masked(str(value))

    def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        cleaned: EventDict = masked(event)
        return cleaned

    return mask


def _kept(found: re.Match[str]) -> str:
    """Leave what says which kind of secret it was."""
    kind = next((part for part in found.groupdict().values() if part), "")
    return f"{kind}{MASK}" + ("@" if found["scheme"] else "")
