"""A browser is known for the accounts it signed in to, and nobody can make it say more."""

from hypothesis import given
from hypothesis import strategies as st

from enrolment.known_browsers import KEPT, KnownBrowsers

BROWSERS = KnownBrowsers("a secret of the tests")


def test_browser_is_known_for_its_own_accounts_only() -> None:
    # std: SEC-6
    cookie = BROWSERS.remember(None, "clefevre")
    assert BROWSERS.name(cookie, "clefevre")
    assert BROWSERS.name(cookie, "dmartin") is None
    both = BROWSERS.remember(cookie, "dmartin")
    assert BROWSERS.name(both, "clefevre") == BROWSERS.name(both, "dmartin") == BROWSERS.name(cookie, "clefevre")
    assert BROWSERS.remember(both, "dmartin") == both
    assert "clefevre" not in both


def test_oldest_account_goes() -> None:
    cookie = None
    for number in range(KEPT + 1):
        cookie = BROWSERS.remember(cookie, f"login{number}")
    assert BROWSERS.name(cookie, "login0") is None
    assert BROWSERS.name(cookie, f"login{KEPT}")


@given(st.text(max_size=300))
def test_any_other_cookie_is_unknown(cookie: str) -> None:
    # std: SEC-6
    assert BROWSERS.name(cookie, "clefevre") is None
    assert BROWSERS.name(BROWSERS.remember(cookie, "clefevre"), "clefevre")


def test_seal_of_another_key_or_another_name_is_unknown() -> None:
    # std: SEC-6
    own, other = BROWSERS.remember(None, "clefevre"), BROWSERS.remember(None, "clefevre")
    assert BROWSERS.name(KnownBrowsers("another secret").remember(None, "clefevre"), "clefevre") is None
    assert BROWSERS.name(own.split(".")[0] + "." + other.split(".")[1], "clefevre") is None
