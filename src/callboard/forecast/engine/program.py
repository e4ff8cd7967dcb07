"""What the process runs in which forecasts are computed: a network and how many runs, and what is to be expected."""

from __future__ import annotations

import math
import os
import sys
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

from callboard.core.workshop import limit_memory, serve

MOST_MEMORY = 2 * 1024**3


def answer(question: Any) -> dict[str, Any]:
    from callboard.forecast.engine import network, outlook, slip

    asked = network.read(question["network"])
    known = slip.learn(asked)
    found = [asdict(each) for each in outlook.outlooks(asked, question["runs"], known=known)]
    return {"outlooks": found, "slip": math.exp(known.middle), "seen": known.seen}


def _imports() -> None:
    """The runs need none of what their capability imports for the bot: it stays out of this process."""
    package = ModuleType("callboard.forecast")
    package.__path__ = [str(Path(__file__).resolve().parents[1])]
    sys.modules[package.__name__] = package
    from callboard.forecast.engine import outlook  # noqa: F401 - so that each fork has it


if __name__ == "__main__":
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # its threads would want memory for every core, and have nothing to do
    limit_memory(MOST_MEMORY)
    _imports()
    serve(answer)
