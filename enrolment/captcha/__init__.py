"""Telling people from programs at the public form: image, sound, proof of work, or the State's CaptchEtat.

Callers use `Captcha` and the protocol `SpentTokens`, both from here; the other modules are how it is done.
Nothing here knows a request, a session cookie or a table.
"""

from enrolment.captcha.facade import Captcha, Challenge
from enrolment.captcha.spent import SpentTokens

__all__ = ["Captcha", "Challenge", "SpentTokens"]
