"""What is done in a process of its own is ended by its limit, and whoever asks hears so at once."""

from __future__ import annotations

import pytest

from callboard.core.workshop import Workshop

PROGRAM = """\
from callboard.core.workshop import serve

def answer(question):
    while question == "endless":
        pass
    if question == "broken":
        raise ValueError
    return question

serve(answer)
"""


async def test_a_workshop_ends_what_works_too_long_and_says_so_long_before_a_busy_machine_would_be_waited_for(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    workshop = Workshop(str(program), by_work=True)
    workshop.ready(60)
    for question in ("endless", "broken"):
        with pytest.raises(TimeoutError):
            await workshop.ask(question, 3600 if question == "broken" else 0.05)
    assert await workshop.ask("fine", 30) == "fine"
    workshop.close()
