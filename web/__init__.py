"""What the public site and the back office share: security of requests, forms, look, French typography.

Nothing here knows a table, a service or a rule of the process: those live in `schema` and `enrolment`.
"""
