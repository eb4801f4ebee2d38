"""Uploaded files: judged by content, scanned, stored, shown.

Nothing here knows a request, a database session or a rule of the process: bytes come in, bytes and facts
go out.
"""
