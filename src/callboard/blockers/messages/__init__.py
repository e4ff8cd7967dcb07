"""How a blocker reads."""
