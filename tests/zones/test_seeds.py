"""The zones of the seeds, as they stand in them."""

from __future__ import annotations

import pytest

from callboard.planfile.sections import Degree
from callboard.zones.owners import rules, winner
from callboard.zones.plan import ZONES
from tests.planfile.sample import GOOD, check

TEAMS = GOOD.replace(
    "escalation:", "  cursor: {name: Cursor, lead: two}\n  musti: {name: Musti, lead: chief}\nescalation:"
)
SEEDS = TEAMS.replace("  backend:", "  vscode:") + """\
zones:
  - {team: cursor, paths: ["*.js", "*.css", /upload/admin/view/template/extension/module/meschain/]}
  - {team: cursor, paths: ["/assets/js/meschain/*.js", "/assets/css/meschain/*.css", "/pwa/*.json"]}
  - {team: vscode, paths: [/upload/system/library/meschain/, /upload/admin/controller/extension/module/meschain/]}
  - {team: vscode, paths: ["/upload/admin/controller/extension/module/meschain_*.php", "/config/backend/*.conf"]}
  - {team: vscode, paths: ["/database/migrations/*.sql"]}
  - {team: musti, paths: ["/deployment/*.yml", "/monitoring/*.conf", "/qa/automation/*.js", "/docs/coordination/*.md"]}
  - {team: musti, paths: [/deploy/, /ci/, /docker/, /tests/, /qa/, /monitoring/, /alerts/]}
  - {joint: [vscode, cursor], paths: [/docs/api/]}
  - {paths: [/README.md], sections: {"Backend*": vscode, "Frontend*": cursor, "*": musti}}
"""  # fmt: skip


@pytest.fixture(scope="module")
def seeds():
    return check(SEEDS)


def test_the_zones_section_of_the_seeds_plan_is_good_and_only_scripts_and_styles_overlap(seeds):
    assert seeds.errors == []
    shown = [p.sentence for p in seeds.problems if p.degree is Degree.WARNING and p.sentence.startswith("zones")]
    assert [said.partition(" of ")[0].partition(": ")[2].partition(" overlaps")[0] for said in shown] == [
        "`*.js`",
        "`*.css`",
    ]


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("upload/system/library/meschain/core/performance.php", "vscode"),
        ("upload/system/library/meschain/panel.js", "vscode"),
        ("upload/admin/controller/extension/module/meschain_orders.php", "vscode"),
        ("upload/admin/controller/extension/module/other.php", None),
        ("upload/admin/view/template/extension/module/meschain/dashboard.twig", "cursor"),
        ("assets/js/meschain/chart.js", "cursor"),
        ("qa/automation/suite.js", "musti"),
        ("docs/api/openapi.yml", "vscode and cursor"),
        ("README.md", "vscode, cursor, musti by section"),
        ("docs/README.md", None),
    ],
)
def test_the_owners_of_a_path_are_those_of_its_zone_in_the_seeds_plan(seeds, path, owner):
    rule = winner(rules(seeds.document.of(ZONES)), path)
    assert (rule and rule.zone.called) == owner
