"""The doctor of the data: one small module per family of inconsistency. Reads; repairs only what is mechanical."""
