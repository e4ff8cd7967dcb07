"""`/standup`, and the buttons and forms of standups."""
