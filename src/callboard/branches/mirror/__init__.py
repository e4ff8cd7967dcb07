"""Mirrors of repositories on disk, and what is read from them."""
