"""Log lines without secrets or personal data, and without forged lines.

Everything written passes `mask`: signed tokens, ids of pages, values of queries, mail addresses, IBANs, phone
numbers and the last part of network addresses are replaced. Masking is the last net: code must not log such
things at all.
"""

import logging
import re
from typing import Any

MASK = "***"

# A signed link: what it says, six letters of time, the signature.
_SIGNED = re.compile(r"[\w-]+\.[\w-]{6}\.[\w-]{27}(?![\w-])")
# A long run that mixes letters and digits, or the same as a part of an address with a capital: a slug has neither.
_TOKEN = re.compile(r"(?<![\w.-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}|(?<=/)(?=[\w-]*[A-Z])[\w-]{20,}(?![\w.-])")
_QUERY_VALUE = re.compile(r"(?<=[?&])([\w.\[\]-]{1,60})=[^&\s\"']*")
_QUERY_START = re.compile(r"(/[^\s\"'?]*\?)([^\s\"']*)")
_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w.])(?:\+|00)?\d{1,3}(?:[ .]?\d{2}){4}(?![\w.])")
_IPV4 = re.compile(r"\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}(?::\d+)?\b")
_IPV6 = re.compile(r"(?<![\w:.])((?:[0-9a-f]{1,4}:){2})(?:[0-9a-f]{0,4}:){1,5}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")


def mask(text: str) -> str:
    """The text with everything personal or secret replaced."""
    text = _QUERY_START.sub(lambda match: match[1] + _QUERY_VALUE.sub(rf"\1={MASK}", "?" + match[2])[1:], text)
    # Tokens first: another pattern could bite a piece off one, and what is left would no longer be known as one.
    text = _SIGNED.sub(MASK, text)
    text = _TOKEN.sub(MASK, text)
    text = _MAIL.sub(MASK, text)
    text = _IBAN.sub(MASK, text)
    text = _PHONE.sub(MASK, text)
    text = _IPV6.sub(r"\1:", text)
    return _IPV4.sub(r"\1.0", text)


class MaskingFormatter(logging.Formatter):
    """Formats one event: the message on one line, a traceback on its own lines, everything masked."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- the name is the library's.
        """One line, whatever the values hold."""
        return _CONTROL.sub(" ", super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        """The whole entry, traceback included, masked."""
        return mask(super().format(record))


def logging_config(level: str = "INFO") -> dict[str, Any]:
    """The logging configuration of the server, for `uvicorn` and for us: every handler masks."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "masked": {
                "()": "web.logs.MaskingFormatter",
                "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "masked", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "uvicorn": {"handlers": [], "level": level, "propagate": True},
            "uvicorn.error": {"handlers": [], "level": level, "propagate": True},
            "uvicorn.access": {"handlers": [], "level": level, "propagate": True},
        },
    }
