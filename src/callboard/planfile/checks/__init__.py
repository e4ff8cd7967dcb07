"""What must hold between the sections of a plan file, one idea a module."""
