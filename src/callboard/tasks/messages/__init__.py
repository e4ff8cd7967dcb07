"""What is read of tasks: one of them, and lists."""
