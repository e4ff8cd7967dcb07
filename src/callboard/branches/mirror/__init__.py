"""Mirrors of repositories on disk.

comparison: where branches parted, which two git cannot merge, and what each does there
git: the program, and what it says has changed
radar: looks into each mirror when that is due
scan: one look, at every branch and every two of them
"""
