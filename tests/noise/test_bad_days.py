"""The bad days of every example plan: nobody answers, gates are missed, blockers stay, Slack is away for a while."""

from __future__ import annotations

from tests.noise.days import raises, waives

DATABASES = ("sqlite",)  # what is counted is decided above the database

BAD = {
    "deployment": {
        "plan": "deployment", "begin": "2025-11-13 08:00", "end": "2025-11-16 18:00",
        "deeds": [
            ("2025-11-13 09:40", raises("omega-a", "mongo refuses TLS")),
            ("2025-11-13 10:15", raises("omega-b", "OAuth consent screen is not approved", severity="critical")),
            ("2025-11-13 13:30", raises("omega-c", "mails are bounced by the provider")),
            ("2025-11-14 09:05", waives("amp", "validated", "we go on with what is there")),
            ("2025-11-14 10:30", raises("sigma-a", "the preview needs a password", severity="critical")),
            ("2025-11-14 11:10", raises("pi-b", "headers can't be set on the CDN")),
            ("2025-11-15 09:30", raises("beta-lead", "Sentry has no key")),
        ],
        "slack_away": [("2025-11-13 13:20", "2025-11-13 14:10"), ("2025-11-14 15:00", "2025-11-14 15:20")],
    },
    "deployment, gate 1 never passes": {
        "plan": "deployment", "begin": "2025-11-13 08:00", "end": "2025-11-16 18:00", "deeds": [],
    },
    "meschain": {
        "plan": "meschain", "begin": "2025-06-02 08:00", "end": "2025-06-07 12:00",
        "deeds": [
            ("2025-06-02 18:30", waives("tech-manager", "briefed", "we go on")),
            ("2025-06-03 09:20", raises("vscode-lead", "the migration locks the orders table")),
            ("2025-06-03 11:00", raises("musti-lead", "the pipeline has no runner", severity="critical")),
            ("2025-06-04 10:10", raises("cursor-lead", "staging serves the old build")),
        ],
        "slack_away": [("2025-06-03 11:00", "2025-06-03 11:40")],
    },
    "prismq": {
        "plan": "prismq", "begin": "2026-01-22 08:00", "end": "2026-01-28 08:00",
        "deeds": [
            ("2026-01-22 10:00", raises("dev-03", "the queue loses tasks")),
            ("2026-01-23 09:30", raises("dev-06", "the schema can't be migrated", severity="critical")),
        ],
        "slack_away": [("2026-01-23 16:30", "2026-01-23 17:30")],
    },
}  # fmt: skip
