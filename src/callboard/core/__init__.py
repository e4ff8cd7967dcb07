"""What every capability stands on. Knows no capability and no Slack.

calendar: wall time, working time, quiet time
clock: the only place where the machine's time is read
db: transactions
unit: what the parts of one transaction share
engine: opening databases
hosts, resolver: what may be connected to
write_queue: who writes next, and what is committed together
rows: rows made past the ORM
schema: migrations
timeline, seal: what happened, and the hash chain over it
regexes: how the work of a regular expression grows with its text
registry: how a lower capability tells a higher one, and what it knows from above
ticks: what comes due, also in a plan's calendar
glance: one question for the next instant of everything that comes due
leases: what one process has to do alone, outside of transactions
deliveries, outbox, notices, courier: messages as rows, as posts, by kind, and on their way
errors, words: sentences, lists and complete tables of words
workshop: what may hang, in a process of its own
logs: JSON or lines, without secrets
"""
