"""What people read about gates."""
