"""The mail log: each mail as it left or is to leave, what became of it, and what may be done about it."""
