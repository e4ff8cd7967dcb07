"""Slack, and nothing of what Callboard is for.

app, connection: what is started and stopped; Socket Mode, and who the bot is
dispatch: from what Slack delivers to who answers it
requests: what a person did
grammar, typed_command, help: slash commands, their verbs, and what was typed
routes: what runs for buttons, forms, shortcuts and events
once: one effect and one answer, however often something is delivered
answers, replies: what is answered, and the way back
sender: the courier's way into Slack
web_api: Slack's Web API; people and channels
manifest: the app's set-up in Slack
"""
