"""The command line: a module for each command, or for a few that belong together; they import what they need when run.

main: the program itself; what is refused ends it with exit code 1
server: the bot as a process
installation: the settings and the database that commands work on, and the options that several take
"""
