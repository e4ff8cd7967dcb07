"""The whole plan on a clock that jumps: what happens, and what everybody would read.

findings: what will or may go wrong with a plan, where that stands in it, why, and what to change
finder: has a plan read by a process of its own
program: what that process runs
transcript: what people did and what they were told, line by line
"""
