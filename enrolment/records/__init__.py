"""Rows of any table as people meet them: named, found, filtered and put in order, for pages and the command line."""
