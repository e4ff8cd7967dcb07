"""How people meet gates in Slack."""
