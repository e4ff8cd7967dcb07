"""The closing report of a release: what was promised, what happened, who decided what, and what was learned.

past: what the timeline and the versions of a plan have, up to an instant
chapters: the tables of the report, made of that
words: the report as Markdown, as HTML and for Slack
"""
