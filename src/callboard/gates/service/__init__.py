"""The verbs of gates, and what they lead to."""
