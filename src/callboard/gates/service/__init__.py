"""The verbs of gates. Whatever is refused has changed nothing."""
