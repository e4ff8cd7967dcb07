"""Callboard runs a multi-team release from a plan file, in Slack."""
