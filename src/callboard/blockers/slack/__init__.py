"""`/blocker`, the buttons on its cards, its forms and its message shortcuts."""
