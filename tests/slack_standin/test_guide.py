"""docs/sandbox.md says what is."""

from __future__ import annotations

import re
from pathlib import Path

from slack_standin.control_api import ACTS
from slack_standin.methods import METHODS
from tests.contract.published import UNLISTED
from tests.slack_standin.contract import LAXER, STRICTER

GUIDE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()


def test_the_guide_to_the_stand_in_has_each_difference_to_the_published_rules():
    table = GUIDE.partition("## Where the sandbox and the published rules disagree")[2].replace("\\|", "|")
    rows = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines() if line.startswith("| `")]
    written = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert written == {*LAXER, *STRICTER, *UNLISTED}


def test_the_stand_ins_control_api_has_every_act_in_the_guide():
    assert [act for act in ACTS if f"`{act}`" not in GUIDE] == []


def test_the_stand_ins_web_api_has_every_method_of_the_guide_and_no_other():
    methods = GUIDE.partition("\nMethods: ")[2].partition(". Anything")[0]
    assert set(re.findall(r"`([\w.]+)`", methods)) == set(METHODS)
