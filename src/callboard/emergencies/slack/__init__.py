"""Emergencies in Slack.

commands: what is typed after `/emergency`
buttons: the buttons on its card, and what its forms do
forms: the forms themselves
"""
