"""What a dump of PostgreSQL holds, read from the script that `pg_restore` makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from callboard.backups import contents
from callboard.backups.contents import Contents, Head

TABLE = re.compile(rb'^COPY "?([^".]+)"?\."?(\w+)"? \((.+)\) FROM stdin;\n$')
END = b"\\.\n"
Row = dict[str, str]


@dataclass
class Dump:
    """The namespace and the names of all tables, and what was kept of four of them."""

    namespace: str = ""
    names: set[str] = field(default_factory=set)
    revision: str = ""
    plans: dict[str, str] = field(default_factory=dict)
    chains: list[Row] = field(default_factory=list)
    ends: dict[str, tuple[int, str]] = field(default_factory=dict)
    """The place and the instant of each plan's last sealed entry."""
    entries: int = 0

    def read(self, script: Iterable[bytes]) -> None:
        """Go through the whole script; of a large table nothing is kept but its end."""
        keep = {
            "alembic_version": self._version, "plans": self._plan, "chains": self.chains.append, "timeline": self._entry
        }  # fmt: skip
        lines = iter(script)
        for line in lines:
            if (table := TABLE.match(line)) is None:
                continue
            self.namespace, name, columns = (part.decode() for part in table.groups())
            self.names.add(name)
            rows = takewhile(lambda row: row != END, lines)
            if name not in keep:
                for _ in rows:
                    pass
                continue
            for row in _split(rows, columns):
                keep[name](row)

    def contents(self) -> Contents:
        """Where each timeline ends."""
        heads = {int(row["plan_id"]): self._head(row) for row in self.chains if row["plan_id"] in self.plans}
        return Contents(self.revision, heads, self.entries)

    def _head(self, row: Row) -> Head:
        seq, at = self.ends.get(row["plan_id"], (0, ""))
        found = contents.instant(at) if seq == int(row["seq"]) and at else None
        return Head(self.plans[row["plan_id"]], int(row["seq"]), row["hash"], found)

    def _version(self, row: Row) -> None:
        self.revision = row["version_num"]

    def _plan(self, row: Row) -> None:
        self.plans[row["id"]] = row["key"]

    def _entry(self, row: Row) -> None:
        self.entries = max(self.entries, int(row["id"]))
        if row["seq"].isdecimal():  # \N before it is sealed
            place = (int(row["seq"]), row["at"])
            self.ends[row["plan_id"]] = max(self.ends.get(row["plan_id"], (0, "")), place)


def _split(rows: Iterable[bytes], columns: str) -> Iterator[Row]:
    names = [column.strip('"') for column in columns.split(", ")]
    for row in rows:
        yield dict(zip(names, row.decode().rstrip("\n").split("\t"), strict=True))
