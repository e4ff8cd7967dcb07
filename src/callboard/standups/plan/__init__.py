"""The section of the plan file about standups, and when their rounds are."""
