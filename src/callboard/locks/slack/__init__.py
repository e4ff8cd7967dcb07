"""Locks in Slack: `/lock`, the buttons of cards, and forms."""
