"""How a gate stands: what its criteria look at, whether they hold, and who has signed."""
