"""The program `callboard`, also as `python -m callboard`: `serve` begins at once, without the command line."""

from __future__ import annotations

import gc
import os
import sys
from io import TextIOWrapper

from callboard.cli import server
from callboard.core.errors import Refused

RARELY = 50_000, 20, 100
"""How often a command collects: it is over soon, and what it imports stays."""


def main() -> None:
    """Run the command that was typed."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal need not know every sign
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for some reads all that is installed
    os.environ.setdefault("FROZENLIST_NO_EXTENSIONS", "1")  # aiohttp's short lists need no C++ library, 1 MB of memory
    match sys.argv[1:]:
        case ["serve"]:
            _serve(server.HOST)
        case ["serve", "--host", host]:
            _serve(host)
        case words:
            if words[:1] == ["rehearse"]:
                from callboard.core import hugepages

                hugepages.begin_again()
            gc.set_threshold(*RARELY)
            from callboard.cli.main import main as typed

            typed()


def _serve(host: str) -> None:
    try:
        server.run(host)
    except Refused as refused:
        sys.exit(refused.sentence)


if __name__ == "__main__":
    main()
