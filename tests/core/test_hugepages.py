"""A command that works hard begins again with huge pages, once, and only where the system has them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import os, pathlib, sys
from callboard.core import hugepages
hugepages.begin_again(pathlib.Path(sys.argv[1]))
print(os.getpid(), os.environ.get("PYTHONMALLOC"), os.environ.get("GLIBC_TUNABLES"), sys.flags.safe_path, sys.argv[2:])
"""
ASKED = ["two words", "--seed", "7"]
ITSELF = "None None"


def told(switch, **environment):
    command = [sys.executable, "-P", "-c", PROGRAM, switch, *ASKED]
    env = {"PYTHONPATH": os.pathsep.join(sys.path), **environment}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        number, said = process.communicate()[0].strip().split(" ", 1)
    assert (process.returncode, int(number)) == (0, process.pid)
    return said


@pytest.mark.skipif(sys.platform != "linux", reason="Linux gives huge pages to who asks")
@pytest.mark.parametrize("system", ["always [madvise] never", "[always] madvise never"])
def test_it_begins_again_in_the_same_process_with_the_same_words(tmp_path, system):
    (switch := tmp_path / "enabled").write_text(f"{system}\n")
    assert told(switch) == f"malloc glibc.malloc.hugetlb=1 True {ASKED}"


def test_it_goes_on_where_the_system_has_none(tmp_path):
    (switch := tmp_path / "enabled").write_text("always madvise [never]\n")
    assert told(switch) == f"{ITSELF} True {ASKED}"
    assert told(tmp_path / "absent") == f"{ITSELF} True {ASKED}"


@pytest.mark.parametrize(("name", "value"), [("PYTHONMALLOC", "debug"), ("GLIBC_TUNABLES", "glibc.malloc.check=0")])
def test_whoever_chose_an_allocator_keeps_it(tmp_path, name, value):
    (switch := tmp_path / "enabled").write_text("always [madvise] never\n")
    assert value in told(switch, **{name: value})
    assert "hugetlb" not in told(switch, **{name: value})
