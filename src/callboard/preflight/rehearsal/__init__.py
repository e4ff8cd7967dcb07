"""What will or may go wrong with a plan as it stands: asked for by `/plan rehearse`, found in a process of its own.

reader: has the plan read, and keeps what was found
"""
