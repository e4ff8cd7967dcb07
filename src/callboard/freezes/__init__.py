"""Freezes: stretches of time in which branches take no changes, and exceptions from them."""
