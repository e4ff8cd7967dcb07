"""Whether all signatures that are asked for can be given, when nobody signs twice: pure, a flow from asks to people."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

Node = tuple[str, object, object]
GIVEN: Node = ("given", None, None)


@dataclass(frozen=True)
class Ask:
    """So many signatures by some of these people; with `by_team`, each for another team of the person who signs."""

    count: int
    people: Mapping[str, Sequence[str]]
    by_team: bool = False


@dataclass(frozen=True)
class Short:
    """Asks, by their numbers, that together need more signatures than these people can give."""

    asks: tuple[int, ...]
    people: tuple[str, ...]


def shortage(asks: Sequence[Ask]) -> Short | None:
    """The first asks that cannot all be met; None where every one can, by people who each sign once."""
    if _easy(asks):
        return None
    flow = _Flow(asks)
    for number, ask in enumerate(asks):
        for _ in range(ask.count):
            tried = flow.push(("ask", number, None))
            if tried is not None:
                short = tuple(sorted(int(str(node[1])) for node in tried if node[0] == "ask"))
                everybody = dict.fromkeys(person for k in short for person in asks[k].people)
                return Short(short, tuple(person for person in everybody if ("person", person, None) in tried))
    return None


def met_together(asks: Sequence[Ask]) -> set[int]:
    """The numbers of the asks that are met, taken in order: one signature serves one ask."""
    met: list[int] = []
    for number in range(len(asks)):
        if shortage([asks[each] for each in (*met, number)]) is None:
            met.append(number)
    return set(met)


def _easy(asks: Sequence[Ask]) -> bool:
    """Whether everybody simply signs where they come first, which most plans allow."""
    signed: set[str] = set()
    for ask in sorted(asks, key=lambda ask: len(ask.people)):
        free = {person: teams for person, teams in ask.people.items() if person not in signed}
        if ask.by_team:
            by_team = {team: person for person, teams in free.items() for team in teams[:1]}
            free = dict.fromkeys(by_team.values(), ())
        if len(free) < ask.count:
            return False
        signed.update(islice(free, ask.count))
    return True


class _Flow:
    """Room for one signature at a time along each line, and back where one was given."""

    def __init__(self, asks: Sequence[Ask]) -> None:
        self.room: dict[Node, dict[Node, int]] = defaultdict(dict)
        for number, ask in enumerate(asks):
            for line in _lines(number, ask):
                for giver, taker in pairwise(line):
                    self.room[giver][taker] = 1
                    self.room[taker].setdefault(giver, 0)

    def push(self, start: Node) -> set[Node] | None:
        """Give one more signature; where that is not possible, all that was tried."""
        came: dict[Node, Node] = {start: start}
        queue = deque([start])
        while queue and GIVEN not in came:
            node = queue.popleft()
            for next_, room in self.room[node].items():
                if room and next_ not in came:
                    came[next_] = node
                    queue.append(next_)
        if GIVEN not in came:
            return set(came)
        taker = GIVEN
        while taker != start:
            giver = came[taker]
            self.room[giver][taker] -= 1
            self.room[taker][giver] += 1
            taker = giver
        return None


def _lines(number: int, ask: Ask) -> Iterator[tuple[Node, ...]]:
    """The ways by which an ask reaches the people who can sign."""
    start: Node = ("ask", number, None)
    for person, teams in ask.people.items():
        signer: Node = ("person", person, None)
        for team in teams if ask.by_team else ():
            yield start, ("team", number, team), signer, GIVEN
        if not ask.by_team:
            yield start, signer, GIVEN
