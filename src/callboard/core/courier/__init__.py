"""Takes deliveries out of the outbox and hands each to its medium."""
