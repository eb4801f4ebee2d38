"""The vendor's account on the public site: signing in, first password, lost login or password.

Endpoints read a form and choose a page; what is right or wrong is decided in `enrolment.services`.
"""
