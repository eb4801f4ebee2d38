"""What a person typed shows as typed and never acts; what we wrote acts in both parts."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from enrolment.mail import markup

TYPED = st.text(st.sampled_from("ab1 -+*_[](){}<>&\\#`~!.:/\n|=\u00a0é\"'"), max_size=60)


def settled(text: str) -> str:
    """Spaces at the ends of lines and several empty lines are no words."""
    lines = [line.strip() for line in text.strip().split("\n")]
    return re.sub(r"\n{2,}", "\n\n", "\n".join(lines)).strip()


@given(TYPED)
@example("[cliquez](https://evil.example)")
@example("**gras** \\* \\\\ __x__")
@example("- a\n1. b\n+ c\n10) d\n-")
@example("](https://evil.example)")
@example("<img src=x onerror=alert(1)>")
def test_typed_text_shows_exactly_itself(typed: str) -> None:
    # std: SEC-9
    source = markup.literal(settled(typed))
    assert settled(markup.to_text(source)) == settled(typed)
    fragment = markup.to_fragment(source)
    assert not re.search(r"<(?!/?p\b|br>)", fragment)


@given(TYPED)
def test_typed_text_inside_a_link_cannot_leave_it(typed: str) -> None:
    typed = " ".join(typed.split())
    fragment = markup.to_fragment(f"[Ouvrir {markup.literal(typed)}](https://segur.example/a)")
    assert re.findall(r'href="([^"]*)"', fragment) == ["https://segur.example/a"]


def test_only_web_mail_and_telephone_addresses_become_links() -> None:
    for address in (
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//evil.example",
        "/admin",
        "lien:x",
    ):
        source = f"Voir [ici]({address})."
        assert "href" not in markup.to_fragment(source)
        assert address in markup.to_text(source)
    for address in ("https://segur.example/a?b=1&c=2", "mailto:a@b.example", "tel:+33123456789"):
        assert f'href="{address.replace("&", "&amp;")}"' in markup.to_fragment(f"Voir [ici]({address}).")
        assert f"ici ({address})" in markup.to_text(f"Voir [ici]({address}).")


def test_link_alone_becomes_a_button_and_stays_readable_as_text() -> None:
    source = "[Suivre ma demande](https://segur.example/suivi)"
    assert markup.to_text(source) == "Suivre ma demande\u00a0:\nhttps://segur.example/suivi\n"
    assert 'class="button"' in markup.to_fragment(source)
