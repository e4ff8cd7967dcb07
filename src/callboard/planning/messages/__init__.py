"""How the plan reads."""
