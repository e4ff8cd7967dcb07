"""A chart as a message."""

from __future__ import annotations

from datetime import datetime

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.board.charts.raster import png
from callboard.board.charts.sketch import Drawing
from callboard.core.outbox import Message, Picture


def chart(plan: str, drawing: Drawing, at: datetime) -> Message:
    """A chart with the words that stand above it; its figures are in the text that stands for the picture."""
    about = " ".join(drawing.about)
    blocks = [b.section(f"{m.bold(f'{m.escape(drawing.title)} of {m.escape(plan)}')}\n{m.escape(about)}")]
    name = f"{drawing.title.lower().replace(' ', '-')}-{at:%Y%m%d-%H%M}.png"
    picture = Picture(name, f"{drawing.title}, {plan}", drawing.alt, drawing.svg(), png)
    title = f"{drawing.title} of {plan}"
    text = m.escape(f"{title}: {about}")
    return Message(text=text, blocks=blocks, title=title, plain=f"{title}\n{drawing.alt}", picture=picture)
