"""The rule that nothing skips unnoticed; where tests run, `tests/fixtures.py` has what they run on."""

from __future__ import annotations

import gc
import logging
import os
from itertools import chain, filterfalse, groupby

import pytest
import structlog
from hypothesis import HealthCheck, settings

for name in ("http_proxy", "https_proxy", "all_proxy"):  # tests reach nothing beyond this machine
    os.environ.pop(name, None)
    os.environ.pop(name.upper(), None)
NOTHING_SKIPS = bool(os.environ.get("CALLBOARD_TEST_NOTHING_SKIPS"))
# A machine that is busy fails nothing; and what is to be repeated elsewhere draws the same examples.
settings.register_profile(
    "callboard", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=NOTHING_SKIPS
)
settings.load_profile("callboard")
BOTH = ("sqlite", "postgresql")
LONGEST = {
    "slack_standin/test_tour", "rehearsal/test_goldens", "noise/test_bad_days", "resilience/test_kills",
    "growth/test_growth", "growth/test_read_ahead", "board/test_page", "board/test_workspace", "gates/test_signatures",
    "gates/test_seeds", "tests/test_gallery", "resilience/test_killed_runs", "resilience/test_crashes",
    "api/test_kills", "chaos/test_minute", "noise/test_deaths", "standups/test_year", "cli/test_comparisons",
    "doctor/test_round", "locks/test_any_order", "escalation/test_any_order",
}  # fmt: skip
"""Files with tests that work for ten seconds and more."""


def pytest_addoption(parser):
    parser.addoption("--blockers", type=int, default=3, help="how many are raised while servers die")


def pytest_configure(config):
    """Whoever only hands out tests need not import what they need, which takes seconds."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        config.pluginmanager.import_plugin("tests.fixtures")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if NOTHING_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where nothing may be: {report.longrepr}"


def pytest_generate_tests(metafunc):
    """Stories run on both databases, unless the test or `DATABASES` in its module names those that matter."""
    named = {mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")}
    if "database_url" in metafunc.fixturenames and "database_url" not in named:
        is_marked = metafunc.definition.get_closest_marker("both_databases")
        databases = BOTH if is_marked else getattr(metafunc.module, "DATABASES", BOTH)
        metafunc.parametrize("database_url", databases, indirect=True)


def pytest_collection_modifyitems(config, items):
    """The longest begin first, file by file with each worker in turn: else one is left with them when all are done."""
    workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
    long = [list(of_file) for _, of_file in groupby(filter(_is_long, items), lambda item: item.path)]
    rest = list(filterfalse(_is_long, items))
    shares = [rest[len(rest) * n // workers : len(rest) * (n + 1) // workers] for n in range(workers)]
    items[:] = chain.from_iterable(chain(*long[n::workers], share) for n, share in enumerate(shares))


def _is_long(item):
    return f"{item.path.parent.name}/{item.path.stem}" in LONGEST


def pytest_runtest_setup():
    """Each test logs alike, whatever another one ran: a line for each event, and tracebacks without local values."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET),
        logger_factory=structlog.PrintLoggerFactory(),
    )


def pytest_collection_finish():
    """What is there by now stays: the collector need not look through it again in the middle of every other test."""
    gc.collect()
    gc.freeze()
