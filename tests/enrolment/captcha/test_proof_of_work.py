"""The accessible way: a solved challenge passes once, for what it was made for, until it ends."""

import base64
import json
from datetime import timedelta
from typing import Any

import altcha
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from enrolment.captcha import Captcha, proof_of_work

START = "2026-03-03 14:05:00+00:00"


@pytest.fixture(autouse=True)
def _less_work(monkeypatch: pytest.MonkeyPatch) -> None:
    # The rule is the same with fewer rounds, and the tests are not slowed.
    monkeypatch.setattr(proof_of_work, "ROUNDS", 10)


def solved(challenge: dict[str, Any]) -> dict[str, Any]:
    parsed = altcha.Challenge.from_dict(challenge)
    solution = altcha.solve_challenge(parsed)
    assert solution is not None
    assert proof_of_work.LEAST_TRIES <= solution.counter < proof_of_work.MOST_TRIES
    return {"challenge": challenge, "solution": solution.to_dict()}


def encoded(payload: object) -> str:
    return base64.b64encode(json.dumps(payload).encode()).decode()


# std: SEC-6
def test_solved_proof_passes_once(captcha: Captcha) -> None:
    proof = encoded(solved(captcha.new_proof("submit", "draft-1")))
    assert len(proof) < proof_of_work.MAX_PAYLOAD / 2
    assert captcha.check_proof(proof, "submit", "draft-1")
    assert not captcha.check_proof(proof, "submit", "draft-1")


@pytest.mark.parametrize(("purpose", "subject"), [("submit", "draft-2"), ("siret", "draft-1")])
def test_proof_of_another_use_is_refused(captcha: Captcha, purpose: str, subject: str) -> None:
    proof = encoded(solved(captcha.new_proof("submit", "draft-1")))
    assert not captcha.check_proof(proof, purpose, subject)
    assert captcha.check_proof(proof, "submit", "draft-1")


def test_proof_ends_after_ten_minutes(captcha: Captcha) -> None:
    with time_machine.travel(START, tick=False) as clock:
        proof = encoded(solved(captcha.new_proof("submit", "draft-1")))
        clock.shift(timedelta(minutes=10, seconds=1))
        assert not captcha.check_proof(proof, "submit", "draft-1")


@pytest.mark.parametrize(
    ("name", "value"),
    [("cost", 1), ("expiresAt", 4_000_000_000), ("keyPrefix", ""), ("keySignature", None), ("data", {})],
)
def test_easier_challenge_of_ones_own_is_refused(captcha: Captcha, name: str, value: object) -> None:
    payload = solved(captcha.new_proof("submit", "draft-1"))
    payload["challenge"]["parameters"][name] = value
    assert not captcha.check_proof(encoded(payload), "submit", "draft-1")


def test_unsolved_challenge_is_refused(captcha: Captcha) -> None:
    challenge = captcha.new_proof("submit", "draft-1")
    lazy = {"challenge": challenge, "solution": {"counter": 1, "derivedKey": "00" * 32}}
    assert not captcha.check_proof(encoded(lazy), "submit", "draft-1")


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_PATHS = [
    [],
    ["challenge"],
    ["challenge", "parameters"],
    ["challenge", "signature"],
    ["challenge", "parameters", "data"],
    ["challenge", "parameters", "expiresAt"],
    ["solution"],
    ["solution", "derivedKey"],
]


@given(path=st.sampled_from(_PATHS), junk=_json)
def test_malformed_proof_is_refused_quietly(path: list[str], junk: object) -> None:
    class Forgetful:
        def spend(self, key: str, expires_at: object) -> bool:
            return True

    captcha = Captcha("a secret of the tests, long enough to be one", Forgetful())
    root: dict[str, Any] = {
        "root": {
            "challenge": captcha.new_proof("submit", "draft-1"),
            "solution": {"counter": 1, "derivedKey": "00"},
        }
    }
    place = root
    for step in ["root", *path][:-1]:
        place = place[step]
    place[(["root", *path])[-1]] = junk
    assert not captcha.check_proof(encoded(root["root"]), "submit", "draft-1")


@given(st.text(max_size=200))
def test_any_text_as_proof_is_refused_quietly(text: str) -> None:
    class Forgetful:
        def spend(self, key: str, expires_at: object) -> bool:
            return True

    assert not Captcha("a secret of the tests, long enough to be one", Forgetful()).check_proof(text, "a", "b")
