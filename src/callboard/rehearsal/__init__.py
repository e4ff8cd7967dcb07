"""The whole plan on a clock that jumps: what happens, and what everybody would read.

transcript: what people did and what they were told, line by line
"""
