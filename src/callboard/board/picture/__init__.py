"""What a plan looks like at an instant, folded from its timeline and its versions.

album: pictures that are kept, the state that each was folded from, and the present one in memory
body: a picture as JSON
counts: numbers, each with the rows it was counted from
drawn: a picture made of all its parts
fold: how an entry of the timeline changes a state
gates: gates on the line of time
lights: the light of a team, and why
matters: blockers, locks, conflicts, emergencies
parts: the frozen parts of a picture
runs: run-books with their two clocks
scene: a state with the plan of then and the instant
state: what has been folded so far
teams: lights of teams, and pairs of them
words: the latest of the timeline in words
web: what a plan looked like, as JSON
work: tasks and phases
"""

from __future__ import annotations

from callboard.board.picture.drawn import fill, keep, on_text_erased, picture

__all__ = ["fill", "keep", "on_text_erased", "picture"]
