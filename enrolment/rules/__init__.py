"""Rules that the ASP changes by itself: what they may not be, how they are said, previewed, and changed at a date.

Pages are in `admin_app.rules`. What the rules do to a request is decided where it always was (`enrolment.documents`,
`enrolment.services`): nothing here decides for a request.
"""
