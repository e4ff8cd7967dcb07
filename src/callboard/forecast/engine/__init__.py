"""The runs: a plan happens ten thousand times, each time with other luck. Pure: no database, no clock.

lanes: many runs at once, with numpy or in plain Python
network: a plan as the model sees it
outlook: chances, dates, what decides them and what would help
program: what the process runs in which that is computed
simulation: how everything is done in each run
slip: how much longer work takes than it was estimated
"""
