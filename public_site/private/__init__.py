"""The private portal of a signed-in vendor: its frame and menu, the home page, its requests.

Signing in belongs to `public_site.account`; what is done to one request to `public_site.answering`.
"""
