"""The software bill of materials names what the lock pins, all of it and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_bill_of_materials_has_everything_that_runs_in_production_with_its_hashes():
    made = subprocess.run([sys.executable, ROOT / "requirements" / "sbom.py"], capture_output=True, check=True)
    bill = json.loads(made.stdout)
    lock = (ROOT / "requirements" / "runtime.lock").read_text()
    pinned = re.findall(r"^([a-z0-9][\w.-]*?)(?:\[.*?\])?==(\S+)", lock, re.MULTILINE)
    assert [(part["name"], part["version"]) for part in bill["components"]] == pinned
    assert sum(len(part["hashes"]) for part in bill["components"]) == lock.count("--hash=sha256:")
    assert all(part["hashes"] for part in bill["components"])
    assert len({part["bom-ref"] for part in bill["components"]}) == len(pinned) > 40
