"""What others have in files, their escalation chains, tasks and gates, as parts of a plan file.

values: JSON or YAML as plain values that know their lines, and what nobody asked of them
chains: how other programs write an escalation
policies: chains as the policies of a plan
lists: tasks and gates of a Markdown document
sheet: those of a spreadsheet
drafts: tasks and gates as a file has them
works: those as tasks and gates of a plan
seats: who is meant by a word, and the seats of those whom nobody knows
frame: the plan around it, and what the check refuses taken out again
"""
