"""How each team stands as some lines in the canvas of its channel; what people write beside them stays.

due: when the canvases are shown anew
messages: the lines, and what is said where Slack takes none
notices: the lines as a message that is edited, and who hears that Slack takes none
service: a plan gets its canvases, and has them shown anew when something happened
"""
