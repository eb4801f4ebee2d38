"""Financing requests: the JSON format of their file, its checker, the archive of proofs, their short life.

Pure: bytes and rules in, findings out. What touches the database is in `services.financing` and its neighbours.
"""
