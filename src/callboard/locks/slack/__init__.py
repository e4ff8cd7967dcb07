"""Locks in Slack."""
