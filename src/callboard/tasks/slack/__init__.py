"""How people meet tasks in Slack."""
