"""The `zones` section of the plan file: its teams are there; a pattern that never counts, or overlaps, is shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from callboard.core.words import counted
from callboard.planfile.names import nearest
from callboard.planfile.sections import Document, Path, Problem, Section
from callboard.zones.owners import Rule, ZonePart, neighbours, rules, section_pattern, winner
from callboard.zones.paths import of_address
from callboard.zones.patterns import covered, covers, overlap

WAYS = ("team", "joint", "sections", "nobody")


def check(document: Document, zones: Sequence[ZonePart]) -> Iterator[Problem]:
    """Zones belong to teams there are, and none of their patterns is there for nothing."""
    for number, zone in enumerate(zones):
        yield from _check_owners(document, ("zones", number), zone)
        yield from _check_paths(document, ("zones", number, "paths"), zone)
        yield from _check_sections(document, ("zones", number), zone)
    all_rules = rules(zones)
    yield from _check_twice(document, all_rules)
    pairs: list[tuple[int, int]] = []
    for number, later in _meeting(all_rules).items():
        shadowed = _shadow(document, all_rules[number], [all_rules[other] for other in later])
        if shadowed:
            yield shadowed
        elif not all_rules[number].pattern.everything:
            pairs += ((number, other) for other in later)
    yield from _check_overlaps(document, all_rules, pairs)


def _check_owners(document: Document, at: Path, zone: ZonePart) -> Iterator[Problem]:
    ways = [way for way in WAYS if getattr(zone, way)]
    if len(ways) != 1:
        sentence = (
            "a zone belongs to one team, `team: backend`, to several, `joint: [backend, frontend]`, by `sections`, "
            "or to `nobody`"
        )
        yield document.error(at, f"{sentence}: write one of these" if not ways else f"{sentence}, not both")
    if len(zone.joint) == 1:
        yield document.error((*at, "joint"), "a joint zone belongs to two teams or more: name them, or write `team:`")
    named: dict[Path, str] = {("team",): zone.team} if zone.team else {}
    named |= {("joint", number): team for number, team in enumerate(zone.joint)}
    named |= {("sections", name): team for name, team in zone.sections.items()}
    known = document.keys("teams")
    for where, team in named.items():
        if team not in known:
            yield document.error((*at, *where), f"there is no team `{team}`; {nearest(document, team, known)}")


def _check_paths(document: Document, at: Path, zone: ZonePart) -> Iterator[Problem]:
    for number, text in enumerate(pattern.text for pattern in zone.paths):
        if sentence := of_address(text):
            yield document.error((*at, number), sentence)
        elif "://" in text or text[1:3] == ":/":
            sentence = f"`{text[:60]}`: paths begin at the root of the repository; write /src/** for a folder"
            yield document.error((*at, number), sentence)


def _check_sections(document: Document, at: Path, zone: ZonePart) -> Iterator[Problem]:
    """Every name of a section can win; there the first does."""
    names = [section_pattern(name) for name in zone.sections]
    for number, name in enumerate(names):
        wider = next((other for other in names[:number] if covers(other, name)), None)
        if wider:
            sentence = f"`{wider}` stands before this and matches all of it, and the first one wins: swap them"
            yield document.error((*at, "sections", name.text), sentence)


def _meeting(all_rules: Sequence[Rule]) -> dict[int, list[int]]:
    """For rules, by number, the later ones of other owners that match some of their paths too."""
    found: dict[int, list[int]] = {}
    for number, other in neighbours(all_rules):
        one, later = all_rules[number], all_rules[other]
        if one.owner != later.owner and one.pattern != later.pattern and overlap(one.pattern, later.pattern):
            found.setdefault(number, []).append(other)
    return {number: sorted(found[number]) for number in sorted(found)}


def _check_twice(document: Document, all_rules: Sequence[Rule]) -> Iterator[Problem]:
    first: dict[tuple[str, ...], Rule] = {}
    for rule in all_rules:
        other = first.setdefault(rule.pattern.names, rule)
        if other is not rule:
            same = "is" if other.pattern.text == rule.pattern.text else f"means the same as `{other.pattern}`,"
            sentence = f"`{rule.pattern}` {same} in line {document.line(other.at)} already: write it once"
            yield document.warning(rule.at, sentence)


def _shadow(document: Document, rule: Rule, later: Sequence[Rule]) -> Problem | None:
    """A warning where other owners take all of a pattern's paths."""
    alone = [other for other in later if covers(other.pattern, rule.pattern)]
    if not alone and not covered(rule.pattern, [other.pattern for other in later]):
        return None
    who = " and ".join(_named(document, other) for other in alone[:1] or later)
    takes = "matches" if alone else "together match"
    sentence = f"`{rule.pattern}` never counts: {who} {takes} all of it, and the last match wins; move it below"
    return document.warning(rule.at, sentence)


def _check_overlaps(
    document: Document, all_rules: Sequence[Rule], pairs: Iterable[tuple[int, int]]
) -> Iterator[Problem]:
    """Warn in one line of each pattern that overlaps others, and as few patterns as tell it all."""
    found = {
        pair: path for pair in pairs
        if (path := overlap(*(all_rules[number].pattern.of_files for number in pair)))
    }  # fmt: skip
    count = Counter(number for pair in found for number in pair)
    groups: dict[int, list[int]] = defaultdict(list)
    for pair in found:
        one = max(pair, key=lambda number: (count[number], number))
        groups[one].append(sum(pair) - one)
    for one, (other, *more) in sorted(groups.items()):
        path = found[min(one, other), max(one, other)]
        last = winner(all_rules, path) or all_rules[one]
        both = f"`{all_rules[one].pattern}` overlaps {_named(document, all_rules[other])}: {path} is both, and"
        others = f"; {counted(len(more), 'more pattern')} overlap{'s' * (len(more) == 1)} it" if more else ""
        sentence = f"{both} belongs to {last.zone.called}, as the last match wins{others}"
        yield document.warning(all_rules[one].at, sentence)


def _named(document: Document, rule: Rule) -> str:
    return f"`{rule.pattern}` of {rule.zone.called} in line {document.line(rule.at)}"


ZONES: Section[tuple[ZonePart, ...]] = Section(
    name="zones",
    one="zone",
    model=tuple[ZonePart, ...],
    check=check,
    gives=("team", "joint", "nobody", "sections", "paths"),
)
