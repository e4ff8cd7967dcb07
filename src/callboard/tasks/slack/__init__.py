"""`/task`, and the buttons and forms of tasks."""
