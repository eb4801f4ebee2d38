"""Shows the HTML part of a mail as mail programs do, under a policy that runs nothing and takes no style attribute.

Mails carry their style in attributes, which our policies forbid: each one moves to a sheet that bears a nonce.
"""

from __future__ import annotations

import secrets

from lxml import html
from starlette.responses import Response

_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'nonce-{nonce}'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox"
)


def framed(document: str) -> Response:
    """A whole mail as a response that only a frame of ours shows. Nothing in it leads anywhere."""
    nonce = secrets.token_urlsafe(16)
    tree = html.document_fromstring(document)
    rules: dict[str, str] = {}
    for element in tree.iter():
        style = element.attrib.pop("style", None) if isinstance(element.tag, str) else None
        if style is not None:
            name = rules.setdefault(style, f"m{len(rules)}")
            element.set("class", f"{element.get('class', '')} {name}".strip())
        if element.tag == "a":
            element.attrib.pop("href", None)
        if element.tag == "style":
            element.set("nonce", nonce)
    sheet = html.Element("style", nonce=nonce)
    sheet.text = "".join(f".{name}{{{style}}}" for style, name in rules.items())
    # First, since what follows in the mail's own sheet is meant to win.
    tree.head.insert(0, sheet)
    body = html.tostring(tree, doctype="<!doctype html>", encoding="unicode")
    return Response(body, media_type="text/html", headers={"content-security-policy": _POLICY.format(nonce=nonce)})
