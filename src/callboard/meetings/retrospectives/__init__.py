"""The retrospective of each phase: people are asked once when it is over, and what they say becomes tasks and lessons.

occasions: which phases are over, and how each is looked back on
"""
