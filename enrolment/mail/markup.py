"""The light markup of a mail, read once and written twice: as text and as HTML, which therefore always agree.

Paragraphs, line breaks, lists, `**gras**` and `[texte](adresse)`; a link alone in its paragraph becomes a button. HTML,
images and every other mark stay the plain characters that they are. No template and no layout in here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from enrolment.typography import NO_BREAK

_FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif"
_STYLES = {
    "p": "margin:0 0 16px",
    "list": "margin:0 0 16px;padding:0 0 0 24px",
    "li": "margin:0 0 6px",
    "link": "color:#0b5563;text-decoration:underline",
    "button": "display:inline-block;padding:12px 20px;border-radius:6px;background:#0b5563;color:#ffffff;"
    f"font-weight:600;text-decoration:none;{_FONT}",
}
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>\"]+", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"lien:([a-z_]+)")
_MARKS = re.compile(r"[\\*\[\]]")
_LIST_MARK = re.compile(r"^(\s*)([-+]|\d{1,9}[.)])(?=\s|$)", re.MULTILINE)


class _Reader(MarkdownIt):
    """CommonMark reduced to what a mail needs; `javascript:` and unknown addresses are not links."""

    def __init__(self) -> None:
        super().__init__("zero")
        self.enable(["list", "emphasis", "link", "escape", "newline"])

    def validateLink(self, url: str) -> bool:  # noqa: N802  The name is the library's.
        """Whether an address may become a link."""
        return bool(_ADDRESS.fullmatch(url))


_READER = _Reader()


def literal(text: str) -> str:
    """The text with its marks made harmless: read as markup, it shows exactly what it says."""
    return _LIST_MARK.sub(_escaped_list_mark, _MARKS.sub(r"\\\g<0>", text))


def _escaped_list_mark(found: re.Match[str]) -> str:
    mark = found[2]
    return f"{found[1]}{mark[:-1]}\\{mark[-1]}"


def placeholder(name: str) -> str:
    """What stands for a personal link in a letter that somebody reads before it leaves."""
    return f"lien:{name}"


def placeholders(source: str) -> frozenset[str]:
    """The names of the links that a letter holds."""
    return frozenset(_PLACEHOLDER.findall(source))


def with_links(source: str, links: Mapping[str, str]) -> str:
    """The letter with real addresses. A name that is not among them stays as it is."""
    return _PLACEHOLDER.sub(lambda found: links.get(found[1], found[0]), source)


def to_text(source: str) -> str:
    """The text part: no mark left, addresses in full."""
    return "\n\n".join(_blocks_as_text(_parse(source).children)) + "\n"


def to_fragment(source: str) -> str:
    """The content of the HTML part: to be set in a layout."""
    return "\n".join(_block_as_html(node) for node in _parse(source).children)


def _parse(source: str) -> SyntaxTreeNode:
    return SyntaxTreeNode(_READER.parse(source))


def _button(paragraph: SyntaxTreeNode) -> SyntaxTreeNode | None:
    """The link that a paragraph consists of, if it does."""
    parts = [node for node in paragraph.children[0].children if node.type != "text" or node.content.strip()]
    return parts[0] if len(parts) == 1 and parts[0].type == "link" else None


def _href(link: SyntaxTreeNode) -> str:
    return str(link.attrs["href"])


def _blocks_as_text(nodes: Iterable[SyntaxTreeNode]) -> list[str]:
    return [_block_as_text(node) for node in nodes]


def _block_as_text(node: SyntaxTreeNode) -> str:
    if node.type == "paragraph":
        button = _button(node)
        if button is None:
            return _spans_as_text(node.children[0].children)
        return f"{_spans_as_text(button.children)}{NO_BREAK}:\n{_href(button)}"
    return "\n".join(_item_as_text(item) for item in node.children)


def _item_as_text(item: SyntaxTreeNode) -> str:
    mark = f"{item.info}{item.markup} " if item.info else "- "
    content = "\n".join(_blocks_as_text(item.children))
    return mark + content.replace("\n", "\n" + " " * len(mark))


def _spans_as_text(nodes: Iterable[SyntaxTreeNode]) -> str:
    return "".join(_span_as_text(node) for node in nodes)


def _span_as_text(node: SyntaxTreeNode) -> str:
    if node.type == "text":
        return node.content
    if node.type in {"softbreak", "hardbreak"}:
        return "\n"
    content = _spans_as_text(node.children)
    if node.type == "link":
        address = _href(node)
        return content if content in {address, address.removeprefix("mailto:")} else f"{content} ({address})"
    return content if _is_bold(node) else f"{node.markup}{content}{node.markup}"


def _block_as_html(node: SyntaxTreeNode) -> str:
    if node.type == "paragraph":
        button = _button(node)
        if button is None:
            return f'<p style="{_STYLES["p"]}">{_spans_as_html(node.children[0].children)}</p>'
        label = _spans_as_html(button.children)
        href = escape(_href(button))
        return f'<p style="{_STYLES["p"]}"><a class="button" href="{href}" style="{_STYLES["button"]}">{label}</a></p>'
    tag = "ul" if node.type == "bullet_list" else "ol"
    start = f' start="{int(node.attrs["start"])}"' if "start" in node.attrs else ""
    items = "".join(f'<li style="{_STYLES["li"]}">{_item_as_html(item)}</li>' for item in node.children)
    return f'<{tag}{start} style="{_STYLES["list"]}">{items}</{tag}>'


def _item_as_html(item: SyntaxTreeNode) -> str:
    """A one-paragraph item holds its words directly, as a list without space between its items."""
    return "".join(
        _spans_as_html(child.children[0].children)
        if child.type == "paragraph" and _button(child) is None and len(item.children) == 1
        else _block_as_html(child)
        for child in item.children
    )


def _spans_as_html(nodes: Iterable[SyntaxTreeNode]) -> str:
    return "".join(_span_as_html(node) for node in nodes)


def _span_as_html(node: SyntaxTreeNode) -> str:
    if node.type == "text":
        return escape(node.content)
    if node.type in {"softbreak", "hardbreak"}:
        return "<br>\n"
    content = _spans_as_html(node.children)
    if node.type == "link":
        return f'<a href="{escape(_href(node))}" style="{_STYLES["link"]}">{content}</a>'
    return f"<strong>{content}</strong>" if _is_bold(node) else f"{node.markup}{content}{node.markup}"


def _is_bold(node: SyntaxTreeNode) -> bool:
    """`__x__` and `_x_` stay what they are: logins and addresses hold underscores."""
    return node.type == "strong" and node.markup == "**"
