"""The sections of the plan file about tasks."""
