"""One act on many requests: ordered, prepared with a frozen selection, steered, run in the worker, read afterwards.

Each request goes through the same services as the pages: nothing here knows a rule of the process.
"""
