"""The whole plan on a clock that jumps: what happens, and what everybody would read.

stage: the bot, a stand-in for Slack and a database in one process; `tests/world.py` and the demo stand on it, too
wire: the bot and the stand-in joined without sockets
play: one rehearsal, from the first due instant to the last
script: who does what when, and what somebody must read
actors: what people do in Slack: they type, click and fill in
company, work: people who act by themselves, and the work that they do
witness: writes down what people do and read
words: what Slack shows, as plain words
transcript, page: what happened as text, as JSON and as a page
findings: what will or may go wrong with a plan, where that stands in it, why, and what to change
finder: has a plan read by a process of its own
program: what that process runs
"""
