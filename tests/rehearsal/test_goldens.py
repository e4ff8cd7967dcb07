"""The plans that are shipped, rehearsed by their scripts: what everybody reads is what was read through and kept.

Where a message changes on purpose, `python -m tests.rehearsal.goldens` writes the transcripts anew: read what differs.
"""

from __future__ import annotations

import pytest

from callboard.rehearsal.page import as_html
from tests.rehearsal.goldens import SCRIPTS, differences, rehearsed, written

pytestmark = pytest.mark.timeout(900)  # whole days of a plan, also where a machine is busy


@pytest.mark.parametrize("name", sorted(SCRIPTS))
async def test_the_transcript_of_a_script_is_the_one_that_is_kept_on_both_databases(name, database_url):
    run = await rehearsed(name, database_url)
    assert run.misses == []
    assert differences(name, written(run, name)) == []
    names = dict.fromkeys(run.directory.people, "Amp & <company>")
    page = as_html(run.lines, "Rehearsal", run.directory.calendar.zone, names)
    assert '<th scope="col">Amp &amp; &lt;company&gt;</th>' in page
    assert page.count("<tr>") == len({line.at.replace(second=0, microsecond=0) for line in run.lines}) + 1
