"""Every mail, generated from the list of messages: its shipped text is complete, French, and the same in both parts."""

import re
from html.parser import HTMLParser

import pytest

from enrolment.mail import markup
from enrolment.mail.context import links_of
from enrolment.mail.messages import ALL_MESSAGES
from enrolment.mail.rendering import (
    FOLDER,
    Sender,
    _bare_example,
    check_template,
    html_part,
    shipped,
    text_part,
    write,
)
from enrolment.mail.variables import Message, example, variables
from enrolment.workflow import MailName

EVERY = pytest.mark.parametrize("kind", ALL_MESSAGES, ids=lambda kind: str(kind.name))
BOTH_WAYS = pytest.mark.parametrize("make", [example, _bare_example], ids=["full", "bare"])
SENDER = Sender("Agence de services et de paiement", "ne-pas-repondre@segur.example")
URL = re.compile(r"https?://[^\s)]+")
WRONG_SPACE = re.compile(r"[ \n][:;?!»]|« |«[^\u00a0]|[^\u00a0]»|(?<=\d) (?=h\b)")


class Reader(HTMLParser):
    """The words that a mail program shows, and the addresses behind them."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.addresses: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in {"title", "style"}
        self.words += ["\n"] if tag in {"p", "li", "br"} else []
        self.addresses += [value for name, value in attrs if name == "href" and value]

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in {"title", "style"}

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(data)


def parts(message: Message) -> tuple[str, str, str]:
    letter = write(message, shipped(message.name))
    content = markup.with_links(letter.body, links_of(message))
    text = text_part(markup.to_text(content), SENDER)
    return letter.subject, text, html_part(letter.subject, markup.to_fragment(content), SENDER)


def test_each_message_has_its_template_and_no_template_is_unused() -> None:
    # rule: every transition's mail exists; no unused template.
    names = {str(kind.name) for kind in ALL_MESSAGES}
    assert len(names) == len(ALL_MESSAGES)
    assert {folder.name for folder in FOLDER.iterdir() if folder.is_dir()} == names
    assert {str(name) for name in MailName} <= names


@EVERY
def test_shipped_template_passes_the_check_of_the_back_office(kind: type[Message]) -> None:
    source = shipped(kind.name)
    assert check_template(kind.name, source.subject, source.body) == []


@EVERY
def test_shipped_template_uses_every_variable(kind: type[Message]) -> None:
    source = shipped(kind.name)
    words = set(re.findall(r"\w+", " ".join(re.findall(r"\{[{%].*?[}%]\}", source.subject + source.body))))
    assert {variable.name for variable in variables(kind)} <= words
    assert all(variable.description and variable.example is not None for variable in variables(kind))


@EVERY
@BOTH_WAYS
def test_mail_follows_french_typography(kind: type[Message], make: object) -> None:
    # std: UX-4
    subject, text, _ = parts(make(kind))  # type: ignore[operator]
    for line in (subject, *text.splitlines()):
        assert not WRONG_SPACE.search(URL.sub("", line)), line
        assert "’" not in line
        assert "  " not in line


@EVERY
@BOTH_WAYS
def test_both_parts_say_the_same(kind: type[Message], make: object) -> None:
    # rule: M2
    _, text, page = parts(make(kind))  # type: ignore[operator]
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert sorted(reader.addresses) == sorted(URL.findall(text))
    said = re.sub(r" \(https?://[^\s)]+\)|\u00a0:\nhttps?://\S+", "", text)
    said = re.sub(r"^\s*--?(?: |$)", "", said, flags=re.MULTILINE)
    assert said.split() == "".join(reader.words).split()


@EVERY
def test_mail_names_no_placeholder_and_greets(kind: type[Message]) -> None:
    _, text, page = parts(example(kind))
    for part in (text, page):
        assert "lien:" not in part
        assert "{{" not in part
        assert "**" not in part


def test_acknowledgement_says_what_the_law_asks() -> None:
    # rule: M4
    message = example(next(kind for kind in ALL_MESSAGES if kind.name == MailName.acknowledgement))
    _, text, _ = parts(message)
    for said in ("3\u00a0mars 2026 à 14\u00a0h\u00a005", "Limoges", "segur@asp.example", "01 23 45 67 89", "deux mois"):
        assert said in text
    assert "- Numéro SIRET\u00a0: 356 000 000 49837" in text
    assert "- Êtes-vous distributeur\u00a0? Non" in text
