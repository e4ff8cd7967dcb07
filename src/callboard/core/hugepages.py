"""Huge pages of memory for a command that works hard and is over soon: it takes a fifth to a quarter less time.

Python's own allocator asks the system for none, glibc's does when it is told to (glibc.malloc.hugetlb, since 2.35).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ENVIRONMENT = {"PYTHONMALLOC": "malloc", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
SWITCH = Path("/sys/kernel/mm/transparent_hugepage/enabled")
SINCE = 2, 35


def begin_again(switch: Path = SWITCH) -> None:
    """Start this command once more, in the same process, with huge pages, where the system has them.

    An environment that names an allocator stays as it is. Call it first: what was imported is imported again.
    """
    if not ENVIRONMENT.keys() & os.environ.keys() and _given(switch):
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | ENVIRONMENT)  # noqa: S606 - itself


def _given(switch: Path) -> bool:
    try:
        name, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").split()
        return name == "glibc" and tuple(map(int, version.split("."))) >= SINCE and "[never]" not in switch.read_text()
    except (OSError, ValueError, AttributeError):
        return False  # another system, or another library
