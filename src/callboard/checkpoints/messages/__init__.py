"""How checkpoints read in Slack, and the views that this is made of."""
