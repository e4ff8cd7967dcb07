"""Locks over HTTP: for git-lfs, and for the guard of pushes."""
