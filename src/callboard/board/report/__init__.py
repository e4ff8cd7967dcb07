"""Reports, daily, weekly and when the plan ends: what one says, next to the one before, and the row of each one sent.

percentages: how far everything is: the whole plan, each phase, area and task
chapters: what a report says, chapter by chapter, read from the plan as it stands
"""
