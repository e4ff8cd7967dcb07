"""The errors that a person reads."""

from collections.abc import Sequence


class Refused(Exception):
    """A verb was refused. The sentence says what is wrong, since when and what to do instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class WhichPlan(Refused):
    """Several plans could be meant; `choices` are their (key, name)."""

    def __init__(self, sentence: str, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__(sentence)
        self.choices = tuple(choices)
