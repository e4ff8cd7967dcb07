"""What is measured of a plan, now and on every day before: read from the timeline and the versions of the plan alone.

history: what the timeline has of a plan, oldest first, and its days
states: how tasks, blockers, gates and answers stood at an instant, learned entry by entry
values: each figure at an instant
days: the series that charts draw: what was left, done, answered, passed and found on each day
kpis: every figure with definition, source, target and whether it is met
cases: what a figure counts, one by one
words: how figures read
success: what a phase and the whole plan are to reach, and whether they have
"""
