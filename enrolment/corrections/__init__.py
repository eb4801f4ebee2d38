"""Corrections of very many rows: asked, frozen line by line, previewed, applied in the worker, undone.

Any table and column of the schema. The pages and the command line drive it through `steering` and read it through
`reading`; `running` does the work. Nothing here knows a page.
"""
