"""The State's captcha, over a local server that answers in its form, and that fails in every way."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from enrolment.captcha import Captcha, SpentTokens
from enrolment.captcha.captchetat import PAUSE, CaptchEtat, CaptchEtatAccess, CaptchEtatUnavailable
from enrolment.captcha.challenge import Sealer
from enrolment.errors import NotFound

SECRET = "a secret of the tests, long enough to be one"
PICTURE = b"\x89PNG picture of the State"
SOUND = b"RIFF sound of the State"
Reply = tuple[int, bytes]


class State:
    """A PISTE of our own: a token end point and the three calls of CaptchEtat."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.tokens_given = 0
        self.token_life = 3600
        self.overrides: dict[str, Callable[[], Reply]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        what = {"/token": "token", "/valider-captcha": "check"}.get(parts.path, query.get("get", "?"))
        self.asked.append(what)
        if what in self.overrides:
            return self.overrides[what]()
        if what == "token":
            form = parse_qs(body.decode())
            assert form["grant_type"] == ["client_credentials"]
            assert (form["client_id"], form["client_secret"]) == (["portal"], ["shared"])
            self.tokens_given += 1
            given = {"access_token": f"bearer-{self.tokens_given}", "expires_in": self.token_life}
            return 200, json.dumps(given).encode()
        if headers.get("authorization") != f"Bearer bearer-{self.tokens_given}":
            return 401, b""
        if what == "check":
            return 200, json.dumps(json.loads(body) == {"uuid": "u-1", "code": "K7Q2"}).encode()
        assert query["c"] == "captchaFR"
        if what == "sound":
            assert query["t"] == "u-1"
            return 200, SOUND
        image = "data:image/png;base64," + base64.b64encode(PICTURE).decode()
        return 200, json.dumps({"uuid": "u-1", "imageb64": image}).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        state = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                status, content = state.answer(self.command, self.path, headers, body)
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # The client had enough of waiting, as it should.

            do_POST = do_GET  # noqa: N815 — the name is the base class's.

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — inherited.
                pass

        return Handler


@pytest.fixture
def state() -> Iterator[State]:
    made = State()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def client(state: State) -> Iterator[CaptchEtat]:
    access = CaptchEtatAccess(f"{state.url}/token", state.url, "portal", "shared", timeout=0.3)
    made = CaptchEtat(access)
    yield made
    made.close()


@pytest.fixture
def captcha(client: CaptchEtat, spent: SpentTokens) -> Captcha:
    return Captcha(SECRET, spent, mode="captchetat", state=client)


def slow() -> Reply:
    time.sleep(0.6)
    return 200, b"true"


FAILURES: dict[str, Callable[[], Reply]] = {
    "server error": lambda: (500, b"oops"),
    "too many requests": lambda: (429, b""),
    "redirected": lambda: (302, b""),
    "refused": lambda: (401, b""),
    "garbage": lambda: (200, b"<html>maintenance</html>"),
    "another form": lambda: (200, b'["u-1"]'),
    "nothing": lambda: (200, b""),
    "slow": slow,
}


def test_picture_sound_and_answer_come_from_the_state(captcha: Captcha, state: State) -> None:
    challenge = captcha.new("siret", "draft-1")
    assert challenge.image_png == PICTURE
    assert captcha.audio(challenge.token) == SOUND
    assert captcha.check(challenge.token, " k7q2 ", "siret", "draft-1")
    assert not captcha.check(challenge.token, "K7Q2", "siret", "draft-1")
    assert state.asked == ["token", "image", "sound", "check"]


def test_wrong_answer_is_refused(captcha: Captcha) -> None:
    assert not captcha.check(captcha.new("siret", "draft-1").token, "AAAA", "siret", "draft-1")


# std: REL-6
@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("call", ["token", "image"])
def test_failing_service_gives_way_to_the_local_picture(
    captcha: Captcha, state: State, call: str, failure: str
) -> None:
    state.overrides[call] = FAILURES[failure]
    challenge = captcha.new("siret", "draft-1")
    assert challenge.image_png.startswith(b"\x89PNG")
    assert challenge.image_png != PICTURE
    sealed = Sealer(SECRET).unseal(challenge.token)
    assert sealed is not None
    assert captcha.check(challenge.token, sealed.content, "siret", "draft-1")


# std: SEC-19
@pytest.mark.parametrize("failure", FAILURES)
def test_answer_that_cannot_be_checked_is_refused(captcha: Captcha, state: State, failure: str) -> None:
    challenge = captcha.new("siret", "draft-1")
    state.overrides["check"] = FAILURES[failure]
    assert not captcha.check(challenge.token, "K7Q2", "siret", "draft-1")


def test_sound_that_cannot_be_had_says_so(captcha: Captcha, state: State) -> None:
    challenge = captcha.new("siret", "draft-1")
    state.overrides["sound"] = FAILURES["garbage"]
    with pytest.raises(NotFound, match="nouveau code"):
        captcha.audio(challenge.token)


# std: REL-6
def test_service_that_failed_is_left_alone_for_a_while_then_asked_again(captcha: Captcha, state: State) -> None:
    with time_machine.travel("2026-03-03 14:05:00+00:00", tick=False) as clock:
        state.overrides["image"] = FAILURES["server error"]
        captcha.new("siret", "draft-1")
        asked = len(state.asked)
        captcha.new("siret", "draft-1")
        assert len(state.asked) == asked
        del state.overrides["image"]
        clock.shift(PAUSE + timedelta(seconds=1))
        assert captcha.new("siret", "draft-1").image_png == PICTURE


def test_token_is_kept_until_shortly_before_its_end(client: CaptchEtat, state: State) -> None:
    with time_machine.travel("2026-03-03 14:05:00+00:00", tick=False) as clock:
        client.new()
        client.new()
        assert state.tokens_given == 1
        clock.shift(timedelta(seconds=state.token_life - 29))
        client.new()
        assert state.tokens_given == 2


def test_nobody_there_is_unavailable() -> None:
    nowhere = CaptchEtat(CaptchEtatAccess("http://127.0.0.1:9/token", "http://127.0.0.1:9", "portal", "shared"))
    with pytest.raises(CaptchEtatUnavailable):
        nowhere.new()
    nowhere.close()


def test_client_and_mode_go_together(spent: SpentTokens, client: CaptchEtat) -> None:
    with pytest.raises(ValueError, match="CaptchEtat"):
        Captcha(SECRET, spent, mode="captchetat")
    with pytest.raises(ValueError, match="CaptchEtat"):
        Captcha(SECRET, spent, mode="image", state=client)
