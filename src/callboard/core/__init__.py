"""What every capability stands on and none is known to: time, transactions, events, the timeline, the outbox."""
