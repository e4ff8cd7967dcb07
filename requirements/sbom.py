"""Writes the software bill of materials: what runtime.lock pins, each with its hashes, as CycloneDX 1.6.

The lock says all that is needed; a tool for it brings more than thirty packages of its own.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PINNED = re.compile(r"^(?P<name>[\w.-]+)(?:\[[^]]*\])?==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<when>[^\\]+?))?\s*\\$")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill(lock: str, version: str) -> dict[str, Any]:
    """The bill of a lock; the same lock makes the same bill."""
    found: list[dict[str, Any]] = []
    for line in lock.splitlines():
        if pinned := PINNED.match(line):
            name = pinned["name"].lower()
            reference = f"pkg:pypi/{name}@{pinned['version']}"
            part = {"type": "library", "name": name, "version": pinned["version"], "purl": reference}
            found.append({**part, "bom-ref": reference, "hashes": []})
            if pinned["when"]:
                found[-1]["properties"] = [{"name": "callboard:only-where", "value": pinned["when"]}]
        elif found and (digest := HASH.search(line)):
            found[-1]["hashes"].append({"alg": "SHA-256", "content": digest[1]})
    own = {"type": "application", "name": "callboard", "version": version, "bom-ref": "callboard"}
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": {"component": own},
        "components": found, "dependencies": [{"ref": "callboard", "dependsOn": [each["bom-ref"] for each in found]}],
    }  # fmt: skip


if __name__ == "__main__":
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["project"]
    json.dump(bill((HERE / "runtime.lock").read_text(), project["version"]), sys.stdout, indent=1)
