"""Signed links: one purpose, one subject, an age, a stamp; anything else is refused."""

import string
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from enrolment.links import ExpiredLink, InvalidLink, Links, Purpose

LINKS = Links("a secret key of the tests, long enough")
HOUR = timedelta(hours=1)
START = datetime(2026, 3, 3, 12, tzinfo=UTC)


@given(st.sampled_from(Purpose), st.text(max_size=60), st.text(max_size=30))
def test_link_gives_back_what_was_signed(purpose: Purpose, subject: str, stamp: str) -> None:
    link = LINKS.read(purpose, LINKS.sign(purpose, subject, stamp=stamp), HOUR)
    assert (link.subject, link.stamp) == (subject, stamp)


@given(st.sampled_from(list(permutations(Purpose, 2))))
def test_link_of_one_purpose_opens_no_other(pair: tuple[Purpose, Purpose]) -> None:  # std: SEC-7
    with pytest.raises(InvalidLink):
        LINKS.read(pair[1], LINKS.sign(pair[0], "abc"), HOUR)


@given(st.data())
def test_tampered_link_is_refused(data: st.DataObject) -> None:  # std: SEC-7
    token = LINKS.sign(Purpose.FOLLOW_REQUEST, "abc")
    position = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCabc012-_.é"))
    altered = token[:position] + letter + token[position + 1 :]
    if altered != token:
        with pytest.raises(InvalidLink):
            LINKS.read(Purpose.FOLLOW_REQUEST, altered, HOUR)


def test_signature_written_another_way_is_refused() -> None:  # std: SEC-7
    token = LINKS.sign(Purpose.FOLLOW_REQUEST, "abc")
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    # The last letter of a base64 text holds bits that nothing reads.
    for letter in set(letters) - {token[-1]}:
        with pytest.raises(InvalidLink):
            LINKS.read(Purpose.FOLLOW_REQUEST, token[:-1] + letter, HOUR)


@given(st.text(max_size=80))
def test_garbage_is_refused(token: str) -> None:
    with pytest.raises(InvalidLink):
        LINKS.read(Purpose.FOLLOW_REQUEST, token, HOUR)


def test_link_expires_at_its_age() -> None:  # std: SEC-7
    with time_machine.travel(START, tick=False) as clock:
        token = LINKS.sign(Purpose.CREATE_PASSWORD, "abc")
        clock.shift(HOUR)
        assert LINKS.read(Purpose.CREATE_PASSWORD, token, HOUR).made_at == START
        clock.shift(timedelta(seconds=1))
        with pytest.raises(ExpiredLink) as expired:
            LINKS.read(Purpose.CREATE_PASSWORD, token, HOUR)
    assert expired.value.status == 410
    assert "Demandez-en un nouveau" in expired.value.message


def test_changed_stamp_revokes_the_link() -> None:  # std: SEC-7
    token = LINKS.sign(Purpose.CREATE_PASSWORD, "abc", stamp="1")
    assert LINKS.read_with_stamp(Purpose.CREATE_PASSWORD, token, HOUR, "1").subject == "abc"
    with pytest.raises(InvalidLink):
        LINKS.read_with_stamp(Purpose.CREATE_PASSWORD, token, HOUR, "2")


def test_keys_can_be_changed_without_breaking_links() -> None:
    old = Links("the old key, long enough to be used")
    token = old.sign(Purpose.FOLLOW_REQUEST, "abc")
    both = Links("the old key, long enough to be used", "the new key, long enough to be used")
    assert both.read(Purpose.FOLLOW_REQUEST, token, HOUR).subject == "abc"
    with pytest.raises(InvalidLink):
        old.read(Purpose.FOLLOW_REQUEST, both.sign(Purpose.FOLLOW_REQUEST, "abc"), HOUR)
    with pytest.raises(ValueError, match="secret key"):
        Links("")
