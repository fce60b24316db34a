"""What decides at a client's, without a database: hours, availability, order and difference of instructions."""
