"""How much work something is, however busy the machine."""

from __future__ import annotations

import sys
from itertools import count

from callboard.core.errors import Refused


def steps(read, *args):
    """How many lines of Python something takes."""
    taken = count()

    def trace(*_):
        next(taken)
        return trace

    sys.settrace(trace)
    try:
        read(*args)
    except Refused:
        pass
    finally:
        sys.settrace(None)
    return next(taken)
