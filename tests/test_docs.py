"""What the documents say works."""

from __future__ import annotations

import re
from pathlib import Path

from callboard.app import sections
from callboard.plans import service as plans

GUIDE = Path(__file__).parents[1] / "docs" / "plan-file.md"


def test_the_examples_of_the_plan_authors_guide_are_one_good_plan():
    blocks = re.findall(r"^```yaml\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    checked = plans.check("".join(blocks), "guide.yml", sections())
    assert [p for p in checked.report() if "vacant: people.night" not in p] == []
