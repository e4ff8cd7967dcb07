"""How a plan stands as Markdown files, in a folder or in a git repository whose log is the history of the plan.

canvas: the same in short, as lines in the canvas of each team's channel
due: what happened becomes a commit that waits
facts: what the files say, read from the plan and its rows
files: the files, made by templates
folder: a folder of files of which some are ours
history: what happened, in the words of a log
models: the workspace of a plan, and the commits that wait
notices: who hears that commits cannot be pushed
plan: the section `workspace` of the plan file
repository: commits made and pushed by git
scribe: pushes what waits when that is due
service: the verbs of a workspace
store: every SELECT
"""
