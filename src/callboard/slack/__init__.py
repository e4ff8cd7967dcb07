"""Slack, and nothing of what Callboard is for: commands, buttons, forms, who asked, and how a message is sent."""
