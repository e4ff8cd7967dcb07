"""Names that read the same and are written differently: by letters of other alphabets, or by some that nobody sees."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from callboard.planfile.names import name_of
from callboard.planfile.sections import Document, Path, Problem

PAIRS = (
    ("АВЕЅЗІЈКМНОРСТУХҮԌԚԜ", "ABES3IJKMHOPCTYXYGQW"), ("аеѕіјорсухһԁӏԛԝѵ", "aesijopcyxhdlqwv"),  # noqa: RUF001
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"), ("ανοριυ", "avopiu"), ("օսոհցզ", "ounhgq"), ("ıɑɡ", "iag"),  # noqa: RUF001
)  # fmt: skip
"""Letters, and those of ours that they are taken for: Cyrillic, Greek, Armenian, and rare Latin ones."""
TURKISH = "\N{LATIN SMALL LETTER DOTLESS I}"
"""A letter of ours in Turkish, and rare elsewhere."""
OURS = str.maketrans("".join(theirs for theirs, _ in PAIRS), "".join(ours for _, ours in PAIRS))


def looks(name: str) -> str:
    """How a name looks: the same for all that nobody can tell apart."""
    seen = (letter for letter in unicodedata.normalize("NFKC", name) if letter.isprintable() or letter.isspace())
    return " ".join("".join(seen).translate(OURS).split())


def check(document: Document) -> Iterator[Problem]:
    """Refuse a name that looks like another one of its section; warn of one that only looks as if it were plain."""
    for section in document.with_ids:
        first: dict[str, tuple[str, str]] = {}
        for key in document.keys(section.name):
            name, path = name_of(document, key), (section.name, key)
            look = looks(name)
            other, theirs = first.setdefault(look, (key, name))
            if theirs != name:
                sentence = f"this looks like the name of {other} and is written differently: {_odd(name, theirs)}"
                yield document.error(path, f"{sentence}. Write one of the two in another way")
            elif other == key:
                yield from _mixed(document, path, name)


def _mixed(document: Document, path: Path, name: str) -> Iterator[Problem]:
    """Warn of a word in which our letters and look-alikes stand side by side."""
    for word in name.split():
        if (
            not word.isascii()
            and looks(word).isascii()
            and any(letter.isascii() for letter in word if letter.isalpha())
            and any(_is_foreign(letter) for letter in word)
        ):
            yield document.warning(path, f"`{word}` mixes alphabets: {_odd(word, looks(word))}")
            return


def _is_foreign(letter: str) -> bool:
    """Whether a letter is another alphabet's, or is not seen; raised figures and the like are at home among ours."""
    return (ord(letter) in OURS and letter != TURKISH) or not letter.isprintable()


def _odd(name: str, other: str) -> str:
    """The first letter that is not what it seems to be."""
    odd = next((letter for letter in name if not letter.isascii() or not letter.isprintable()), "")
    odd = odd or next((letter for letter in other if not letter.isascii() or not letter.isprintable()), "")
    called = unicodedata.name(odd, f"U+{ord(odd):04X}") if odd else "a space"
    return f"look at the {called}"
