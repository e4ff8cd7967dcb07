"""Slack, and nothing of what Callboard is for.

app, connection, identity: what is started and stopped; Socket Mode; who the bot is
bolt: how Bolt reads what Slack sends
dispatch: from what Slack delivers to who answers it
requests: what a person did
grammar: how slash commands are declared, their verbs and what free text does
arguments, number_lists: how what follows a verb is read; several numbers at once
small_words: words that say nothing by themselves, and words that are no slips
intents, parser, help: what was meant by what was typed; it is run; help, usage and "did you mean"
conversation: what somebody writes to the bot itself, and what it answers and offers
routes: what runs for buttons, forms, shortcuts and events
idempotency: one effect and one answer, however often something is delivered
answers: what is answered, and the way back
sender, refusals: the courier's way into Slack, and what it means that Slack refuses something
pictures: what is drawn and uploaded when a message is sent
clients: the same for each workspace, by its token
web_api, files: Slack's Web API; people and channels; what somebody attached
pulse: whether Slack answers, and why it does not
manifest: the app's set-up in Slack
"""
