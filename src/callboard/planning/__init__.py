"""The plan in Slack: looked into, changed and moved by `/plan`; its calendar; what it tells its teams by itself."""
