"""`/plan`: what is typed, pressed and handed in."""
