"""The file of one request: what a case manager reads, examines and decides."""
