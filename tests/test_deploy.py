"""The files under deploy/: held against schemas, against /metrics, against the guide and against each other."""

from __future__ import annotations

import importlib.resources
import json
import os
import re
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from callboard.settings import Settings
from callboard.web.health import Metrics
from callboard.web.server import END_WITHIN, STOP_WITHIN

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
GUIDE = (ROOT / "docs" / "operating.md").read_text()
KUBERNETES = DEPLOY / "kubernetes"
VERSIONS = ("1.29", "1.37")
"""The oldest and the newest Kubernetes that the manifests are for."""
KUSTOMIZATION = {
    "apiVersion", "kind", "namespace", "resources", "images", "secretGenerator", "patches", "configMapGenerator",
}  # fmt: skip
ENDINGS = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
PG_DUMP = {"bookworm": 15, "trixie": 17}
"""Which PostgreSQL the client of each Debian is."""
ROW = re.compile(r"^\| `((?:[^`])+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def documents(folder: Path) -> list[tuple[str, Any]]:
    """Every YAML document of a folder."""
    files = sorted(folder.rglob("*.yaml"))
    return [(str(file.relative_to(folder)), each) for file in files for each in yaml.safe_load_all(file.read_text())]


def figures() -> set[str]:
    """The names under which Prometheus keeps what /metrics tells."""
    families = text_string_to_metric_families(Metrics().text().decode())
    return {f"{family.name}{ending}" for family in families for ending in ENDINGS[family.type]}


def named(text: str) -> set[str]:
    return set(re.findall(r"callboard_[a-z_]+", text))


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_the_alert_rules_are_those_of_the_guide_word_for_word():
    told = [
        (expr, "" if wait == "at once" else wait.replace(" min", "m").replace(" s", "s"), means, do)
        for expr, wait, means, do in ROW.findall(GUIDE.partition("## Alerts")[2].partition("\n## ")[0])
    ]
    assert len(told) > 12
    assert [
        (rule["expr"], rule.get("for", ""), rule["annotations"]["summary"], rule["annotations"]["description"])
        for rule in rules()
    ] == told


def test_each_alert_has_a_name_of_its_own_and_says_how_urgent_it_is():
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    assert {rule["labels"]["severity"] for rule in rules()} == {"page", "ticket"}


@pytest.mark.parametrize("file", ["prometheus/alerts.yml", "grafana/callboard.json"])
def test_alerts_and_dashboard_name_only_figures_that_metrics_has(file):
    used = {name for rule in rules() for name in named(rule["expr"])}
    if file.endswith(".json"):
        used = named((DEPLOY / file).read_text())
    assert len(used) > 10
    assert used - figures() == set()


def test_the_dashboard_shows_every_figure_that_metrics_has():
    shown = named((DEPLOY / "grafana" / "callboard.json").read_text())
    families = {family.name for family in text_string_to_metric_families(Metrics().text().decode())}
    told = {name for name in families if not name.endswith("_created")}
    assert {name for name in told if not any(each.startswith(name) for each in shown)} == set()


def test_the_dashboard_has_what_grafana_reads():
    board = json.loads((DEPLOY / "grafana" / "callboard.json").read_text())
    variables = {each["name"]: each for each in board["templating"]["list"]}
    assert (board["uid"], board["title"], board["schemaVersion"]) == ("callboard", "Callboard", 39)
    assert variables["datasource"]["type"] == "datasource"
    assert variables["datasource"]["query"] == "prometheus"
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"]) > 10
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert all(each == {"type": "prometheus", "uid": "${datasource}"} for each in sources), panel["title"]
        assert panel["targets"], panel["title"]
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, f"{panel['title']} lies over another panel"
        assert place["x"] + place["w"] <= 24, panel["title"]
        taken |= cells


def test_the_image_sets_no_setting_since_that_would_go_before_a_secret_of_the_same_name():
    image = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    variables = {
        name for line in re.findall(r"^ENV (.*)$", image, re.MULTILINE) for name in re.findall(r"(\w+)=", line)
    }
    assert {"PATH", "HOME"} <= variables
    assert {name.lower() for name in variables} & settings() == set()


def test_the_pods_and_the_image_run_as_the_same_user_who_is_a_number():
    image = (ROOT / "Dockerfile").read_text()
    context = dict(documents(KUBERNETES / "base"))["deployment.yaml"]["spec"]["template"]["spec"]["securityContext"]
    assert f"\nUSER {context['runAsUser']}:{context['runAsGroup']}\n" in image


def test_the_pg_dump_of_the_image_is_not_older_than_the_database_of_the_compose_file():
    debians = set(re.findall(r"^FROM python:[\d.]+-slim-(\w+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    compose = yaml.safe_load((DEPLOY / "compose" / "compose.yml").read_text())
    (debian,) = debians
    assert PG_DUMP[debian] >= int(compose["services"]["postgres"]["image"].removeprefix("postgres:"))


def test_the_compose_file_holds_against_the_schema_of_compose():
    compose = yaml.safe_load((DEPLOY / "compose" / "compose.yml").read_text())
    schemas = importlib.resources.files("check_jsonschema.builtin_schemas.vendor")
    schema = json.loads((schemas / "compose-spec.json").read_text())
    jsonschema.validate(compose, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**compose, "services": {"callboard": {"imge": "callboard"}}}, schema)


def test_the_compose_file_gives_callboard_secrets_that_are_settings_and_starts_it_after_the_database():
    compose = yaml.safe_load((DEPLOY / "compose" / "compose.yml").read_text())
    callboard, postgres = compose["services"]["callboard"], compose["services"]["postgres"]
    assert set(callboard["secrets"]) - settings() == set()
    assert {*callboard["secrets"], *postgres["secrets"]} == set(compose["secrets"])
    assert callboard["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert "healthcheck" in postgres


def test_the_guide_writes_every_secret_of_the_compose_file_and_names_what_can_be_chosen():
    text = (DEPLOY / "compose" / "compose.yml").read_text()
    guide = GUIDE.partition("## With compose")[2].partition("\n## ")[0]
    assert set(re.findall(r"> secrets/(\w+)$", guide, re.MULTILINE)) == set(yaml.safe_load(text)["secrets"])
    assert {name for name in re.findall(r"\$\{(\w+)", text) if f"`{name}=" not in guide} == set()


@pytest.mark.parametrize("version", VERSIONS)
def test_the_manifests_hold_against_the_schemas_of_kubernetes(version):
    kinds = set()
    for file, document in documents(KUBERNETES):
        if document["kind"] == "Kustomization" or file.endswith("settings.yaml"):  # a patch is no whole manifest
            continue
        kubernetes_validate.validate(document, version, strict=True)
        kinds.add(document["kind"])
    assert kinds == {"Deployment", "Service", "ServiceAccount", "PodDisruptionBudget", "Ingress"}


def test_the_manifests_that_kustomizations_name_are_there_and_all_find_the_same_pods():
    for folder in (KUBERNETES / "base", KUBERNETES / "overlays" / "example"):
        text = (folder / "kustomization.yaml").read_text()
        kustomization = yaml.safe_load(text)
        assert set(kustomization) - KUSTOMIZATION == set()
        patches = [patch["path"] for patch in kustomization.get("patches", ())]
        assert [name for name in (*kustomization["resources"], *patches) if not (folder / name).exists()] == []
    found = {document["kind"]: document for file, document in documents(KUBERNETES / "base")}
    pods = found["Deployment"]["spec"]["template"]["metadata"]["labels"]
    selectors = [found[kind]["spec"]["selector"] for kind in ("Deployment", "PodDisruptionBudget", "Service")]
    assert [each.get("matchLabels", each) for each in selectors] == [pods] * 3


def test_the_pods_are_told_their_secrets_by_files_and_are_given_time_to_drain():
    overlay = yaml.safe_load((KUBERNETES / "overlays" / "example" / "kustomization.yaml").read_text())
    files = {Path(name).name for name in overlay["secretGenerator"][0]["files"]}
    assert files - settings() == set()
    pod = dict(documents(KUBERNETES / "base"))["deployment.yaml"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert pod["terminationGracePeriodSeconds"] > STOP_WITHIN
    (mounted,) = (each["mountPath"] for each in container["volumeMounts"] if each["name"] == "secrets")
    assert {"name": "CALLBOARD_SECRETS", "value": mounted} in container["env"]


def systemd_unit(name: str) -> ConfigParser:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / "systemd" / name)
    return unit


def test_the_systemd_units_run_commands_that_there_are_with_settings_that_there_are():
    for name, words in {"callboard.service": "callboard serve", "callboard-backup.service": "callboard backup"}.items():
        unit = systemd_unit(name)
        assert f"/opt/callboard/bin/{words}" in unit["Service"]["ExecStart"]
        assert unit["Service"]["EnvironmentFile"] == "/etc/callboard/callboard.env"
        assert (unit["Service"]["ProtectSystem"], unit["Service"]["NoNewPrivileges"]) == ("strict", "yes")
    lines = (DEPLOY / "systemd" / "callboard.env").read_text().splitlines()
    assert {line.partition("=")[0].lower() for line in lines if not line.startswith("#")} - settings() == set()


def test_systemd_never_gives_the_service_up_and_lets_it_drain_before_its_children_end():
    unit = systemd_unit("callboard.service")
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert (unit["Service"]["Restart"], unit["Service"]["KillMode"]) == ("always", "mixed")
    assert int(unit["Service"]["TimeoutStopSec"]) > END_WITHIN


def as_callboard(tmp_path: Path, systemctl: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `as-callboard` where systemctl is this script, and systemd-run prints each of its words on a line."""
    for name, script in {"systemctl": systemctl, "systemd-run": "printf '%s\\n' \"$@\""}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o700)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SUDO_USER": "ann"}
    command = [str(DEPLOY / "systemd" / "as-callboard"), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_as_callboard_runs_a_command_with_what_the_unit_and_its_drop_ins_give_the_service(tmp_path):
    drop_in = "[Service]\nLoadCredential=DATABASE_URL:/etc/url with space\nEnvironment=A=1\nEnvironment=A=2"
    (tmp_path / "drop-in").write_text(drop_in)
    cat = f"cat {DEPLOY}/systemd/callboard.service {tmp_path}/drop-in"
    said = as_callboard(tmp_path, cat, "person", "erase", "--reason", "she $asked & left").stdout.splitlines()
    assert [word.removeprefix("--property=") for word in said if word.startswith("--property=")] == [
        "User=callboard", "Group=callboard", "EnvironmentFile=/etc/callboard/callboard.env",
        "WorkingDirectory=/var/lib/callboard", "UMask=0077", "LoadCredential=DATABASE_URL:/etc/url with space",
        "Environment=A=1", "Environment=A=2",
    ]  # fmt: skip
    assert said[-6:] == [
        "--setenv=LOGNAME=ann", "/opt/callboard/bin/callboard", "person", "erase", "--reason", "she $$asked & left",
    ]  # fmt: skip


def test_as_callboard_runs_nothing_as_root_where_the_unit_is_not_there(tmp_path):
    ended = as_callboard(tmp_path, "echo No files found for callboard.service. >&2; exit 1", "doctor")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "callboard.service" in ended.stderr


def settings() -> set[str]:
    """The names of files and variables that hold settings, in small letters."""
    return {str(field.alias).lower() for field in Settings.model_fields.values()}
