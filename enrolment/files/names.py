"""The display name of a file: what a vendor typed or a browser sent, made harmless, accents kept.

The name is only ever shown and proposed for a download. It never chooses a type, a folder or a storage key.
"""

from __future__ import annotations

import re
import unicodedata

MAX_STEM = 100

_KNOWN_EXTENSIONS = re.compile(r"\.(pdf|jpe?g|jpe|jfif|png)$", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_SPACES = re.compile(r"\s+")
# Windows opens a device, not a file, under these names, whatever the extension.
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


def safe_name(name: str, extension: str) -> str:
    """Clean `name` for display, ending in `extension` (without a dot), at most 100 characters before it.

    Folders, control characters, invisible and direction-changing characters are removed; the extension is
    that of the content, so « facture.exe » holding a PDF becomes « facture.exe.pdf ».
    """
    text = unicodedata.normalize("NFC", name)
    text = re.split(r"[\\/]", text)[-1]
    text = _SPACES.sub(" ", text)
    # Category C covers controls, formats (bidirectional overrides, zero-width), surrogates, private and
    # unassigned.
    text = "".join(character for character in text if not unicodedata.category(character).startswith("C"))
    text = _SPACES.sub(" ", _FORBIDDEN.sub("_", text))
    # Once more after the cut, which may have brought another extension to the end.
    stem = _without_extensions(_without_extensions(text)[:MAX_STEM])
    if _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    return f"{stem or 'document'}.{extension}"


def _without_extensions(text: str) -> str:
    """The name without its extensions, and without dots around it: leading ones hide a file."""
    stem = text.rstrip(" .")
    while _KNOWN_EXTENSIONS.search(stem):
        stem = _KNOWN_EXTENSIONS.sub("", stem).rstrip(" .")
    return stem.strip(" .")
