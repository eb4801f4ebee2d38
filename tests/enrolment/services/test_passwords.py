"""Passwords: the three cases of the CNIL, what may not be in them, and how they are kept."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.services import passwords
from enrolment.services.passwords import Cost, Owner, check
from schema.enums import WebAudience

VENDOR = Owner(WebAudience.vendor, ("clefevre", "Claire", "Lefèvre", "claire.lefevre@alize-sante.fr"))
STAFF = Owner(WebAudience.staff, ("Inès", "Moreau", "ines.moreau@asp.example"))
NOBODY = Owner(WebAudience.vendor)
NOBODY_OF_STAFF = Owner(WebAudience.staff)


@pytest.mark.parametrize(
    ("password", "vendor_may", "staff_may"),
    [
        ("gR7!kp2Vw;q9", True, False),  # 12 characters of 4 classes.
        ("gR7!kp2Vw;q", False, False),  # 11.
        ("gR7kkp2Vwsq9", False, False),  # 12 of 3 classes.
        ("gR7kkp2Vwsq9t", False, False),  # 13 of 3 classes.
        ("gR7kkp2Vwsq9tB", True, False),  # 14 of 3 classes.
        ("gR7kkp2Vwsq9tB4x", True, True),  # 16 of 3 classes.
        ("gr7kkp2vwsq9tb4x", False, False),  # 16 of 2 classes.
        ("le petit chat dort sur un banc", True, True),  # 7 words.
        ("le petit chat dort sur banc", False, False),  # 6 words.
        ("chat chat chat chat chat chat chat", False, False),  # One word, seven times.
        ("le-petit-chat-dort-sous-un-arbre", True, True),
        ("a b c d e f g h i j k", False, False),  # Letters are no words.
        ("", False, False),
        ("Abcde!12" * 26, False, False),  # Over 200 characters.
    ],
)
def test_cnil_case_decides_for_each_audience(password: str, vendor_may: bool, staff_may: bool) -> None:
    # std: SEC-5
    assert (check(password, NOBODY) == []) is vendor_may
    assert (check(password, NOBODY_OF_STAFF) == []) is staff_may


@pytest.mark.parametrize(
    "password",
    [
        "Password1234!",
        "P@ssw0rd2026!",
        "Motdepasse12!",
        "Azertyuiop-12!",
        "!!Bonjour2026",
        "Doudou20262026!",
        "Aa1!Aa1!Aa1!",
    ],
)
def test_common_password_is_refused_however_decorated(password: str) -> None:
    # std: SEC-5
    assert any("courant" in problem for problem in check(password, NOBODY))


@pytest.mark.parametrize(
    "word", ["clefevre", "CLAIRE", "lefevre", "Lefèvre", "claire.lefevre", "claire.lefevre@alize-sante.fr"]
)
@given(before=st.text(string.punctuation, max_size=8), after=st.text(string.digits + "ZyX", min_size=8, max_size=20))
def test_own_name_login_or_mail_is_refused_anywhere(word: str, before: str, after: str) -> None:
    # std: SEC-5
    for form in (word, word.upper(), word.title()):
        problems = check(f"{before}{form}{after}", VENDOR)
        assert any("identifiant" in problem for problem in problems)


@given(st.text(max_size=300))
def test_any_text_is_judged_in_french_sentences(password: str) -> None:
    for problem in check(password, STAFF):
        assert problem.endswith(".")


def test_every_rule_shown_is_a_sentence_for_its_audience() -> None:
    assert "12 caractères" in passwords.rules(VENDOR)[0]
    assert "16 caractères" in passwords.rules(STAFF)[0]


@pytest.mark.usefixtures("cheap_hashing")
def test_hash_is_argon2id_salted_and_verifies_only_the_same_password() -> None:
    # std: SEC-5
    first, second = passwords.hashed("épée et bouclier"), passwords.hashed("épée et bouclier")
    assert first.startswith("$argon2id$")
    assert first != second
    assert passwords.verify(first, "épée et bouclier")
    assert passwords.verify(first, "e\u0301pe\u0301e et bouclier"), "the same letters, sent in two pieces"
    assert not passwords.verify(first, "épée et Bouclier")
    assert not passwords.verify("no hash at all", "épée et bouclier")


def test_default_cost_is_at_least_what_owasp_asks() -> None:
    # std: SEC-5
    assert passwords.COST.memory >= 47_104
    assert passwords.COST.rounds >= 1


def test_unknown_account_costs_one_verification_at_todays_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    # std: SEC-5
    monkeypatch.setattr(passwords, "COST", Cost(rounds=1, memory=8))
    stored = passwords.hashed("le bon mot de passe")
    verified: list[str] = []
    hasher = passwords._hasher(passwords.COST)
    verify = type(hasher).verify

    def counting(self: object, encoded: str, password: str) -> bool:
        verified.append(encoded)
        return verify(self, encoded, password)  # type: ignore[arg-type]

    monkeypatch.setattr(type(hasher), "verify", counting)
    assert not passwords.verify(stored, "un mauvais")
    assert not passwords.verify(None, "un mauvais")
    assert not passwords.verify(None, "personne"), "the stand-in opens nothing"
    assert [encoded.rsplit("$", 2)[0] for encoded in verified] == [stored.rsplit("$", 2)[0]] * 3


def test_hash_of_another_cost_is_stale_and_still_verifies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", Cost(rounds=1, memory=8))
    stored = passwords.hashed("le bon mot de passe")
    assert not passwords.is_stale(stored)
    monkeypatch.setattr(passwords, "COST", Cost(rounds=2, memory=16))
    assert passwords.is_stale(stored)
    assert passwords.verify(stored, "le bon mot de passe")
