"""Takes deliveries out of the outbox and hands each to its medium.

loop: the loop that sends
claims: which messages may go now, and taking them
outcomes: what became of a message
medium: what carries messages, and how it may fail
"""
