"""What is read about locks."""
