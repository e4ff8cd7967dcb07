"""What the process runs in which forecasts are computed: a network as JSON, and what is to be expected of it."""

from __future__ import annotations

import math
import sys
from dataclasses import asdict
from typing import Any

from callboard.core.workshop import serve
from callboard.forecast.engine import network, outlook, slip

MOST_MEMORY = 2 * 1024**3


def answer(question: Any) -> dict[str, Any]:
    asked = network.read(question)
    known = slip.learn(asked)
    found = [asdict(each) for each in outlook.outlooks(asked)]
    return {"outlooks": found, "slip": math.exp(known.middle), "seen": known.seen}


def _have_limits() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


if __name__ == "__main__":
    _have_limits()
    serve(answer)
