"""Copies of the whole database in a file, and a database made from one.

contents: what a database or a backup holds of each timeline, and what one holds that the other does not
sqlite: copies of a SQLite file, and one put in its place
postgres: dumps by the programs of PostgreSQL, and what they hold
drill: a backup that is restored elsewhere, and compared
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from callboard.core.errors import Refused

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

    from callboard.backups.contents import Contents


class Keeper(Protocol):
    """Saves one kind of database to a file and brings it back."""

    def held(self) -> Contents | None:
        """What the database holds; None where there is none, or it is empty."""

    def save(self, file: Path) -> Contents:
        """Write a backup, verify it and only then put it in the place of `file`; return what it holds."""

    def read(self, file: Path) -> Contents:
        """What a backup holds, after all of it was read. Refused where it can't be."""

    def restore(self, file: Path) -> None:
        """Make the database what the backup is: whole, or not at all. Refused while somebody uses it."""


def keeper(url: URL) -> Keeper:
    """Who keeps the database at this address."""
    from callboard.backups.postgres import Postgres
    from callboard.backups.sqlite import Sqlite

    return Sqlite(Path(url.database or "")) if url.get_backend_name() == "sqlite" else Postgres(url)


def refuse_foreign(file: Path, mark: bytes, what: str) -> None:
    """Raise Refused unless a file is missing, empty or begins with `mark`, as what we write does."""
    if not file.exists():
        return
    with file.open("rb") as opened:
        begins = opened.read(len(mark))
    if begins not in (b"", mark):
        raise Refused(f"{file} is no backup of {what}.")
