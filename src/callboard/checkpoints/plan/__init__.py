"""What a plan file says about checkpoints: its types, what must hold of them, and when they are."""
