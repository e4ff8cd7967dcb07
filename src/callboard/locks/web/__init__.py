"""Locks over HTTP.

git_tokens: with which git locks in somebody's name
guard: what `callboard guard` asks
lfs: the locking API of git-lfs
lfs_rows: locks as git-lfs sees them, one for each file
"""
