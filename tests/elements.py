"""What an element of a page says and would send, as a browser reads it."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element


def squeeze(text: str) -> str:
    """The text as one reads it: every run of spaces, no-break ones included, as one space."""
    return " ".join(text.split())


def text_of(element: Element) -> str:
    """Everything one reads in an element."""
    if not isinstance(element.tag, str) or element.tag in {"script", "style", "template"}:
        return ""
    separator = "" if element.tag in {"span", "a", "strong", "em", "b", "i", "abbr"} else " "
    inside = "".join(text_of(child) + (child.tail or "") for child in element)
    return separator + (element.text or "") + inside + separator


def matches(element: Element, attributes: Mapping[str, str]) -> bool:
    for name, value in attributes.items():
        if name == "class_":
            if value not in element.get("class", "").split():
                return False
        elif element.get(name.replace("_", "-")) != value:
            return False
    return True


def values_of(control: Element) -> list[str]:
    kind = control.get("type", "text")
    if control.tag == "button" or kind in {"file", "submit", "button", "reset", "image"}:
        return []
    if kind in {"radio", "checkbox"}:
        return [control.get("value", "on")] if "checked" in control.attrib else []
    if control.tag == "textarea":
        return ["".join(control.itertext())]
    if control.tag == "select":
        options = list(control.iter("option"))
        chosen = [option for option in options if "selected" in option.attrib]
        if not chosen and "multiple" not in control.attrib:
            chosen = options[:1]
        return [option.get("value", squeeze(text_of(option))) for option in chosen]
    return [control.get("value", "")]
