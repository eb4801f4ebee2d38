"""The public site: the enrolment form, the status page, the private portal.

Endpoints stay thin; rules are in `enrolment`.
"""
