"""The Home tab: what somebody must do now, what they wait for, and the plan at a glance. `/plan mine` says the same.

models: who looked lately, and at which plan
overview: a plan looked up once for all whose Homes are written together, and whoever reads theirs
views: what a Home shows, as it is read from the plan
duties: what waits for somebody, with the buttons of its cards
waits: what somebody waits for
glance: the plan in a few lines
desk: what leads see of their teams, and coordinators of the plan
messages: how all of that reads
notices: the Home as a message that is replaced whole
slack: who opens it, what is chosen in it, and `/plan mine`
due: when it is shown anew
"""
