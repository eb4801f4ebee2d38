"""Routes: access is declared, the unknown is refused, every error is a page and hides the inside."""

import logging
from threading import current_thread
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from enrolment.errors import Conflict, DomainError, Forbidden, NotFound, Refused, Unavailable
from tests.pages import PageClient, TestClient
from tests.web.gallery import Gallery
from web.forms import Limits
from web.headers import Policy, SecurityHeaders
from web.routing import Access, Face, access_of, application, form_of, page

GALLERY = Gallery()
SENTENCE = "Ce numéro est déjà pris : choisissez-en un autre."
CALLS: list[str] = []


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    CALLS.clear()


def _page_with_form(request: Request) -> str:
    return GALLERY.templates.render_text(
        request, "errors/problem.html", {"problem": SimpleNamespace(title="Ici", message=str(CALLS), incident=None)}
    )


def plain(request: Request) -> Response:
    CALLS.append("plain")
    return HTMLResponse(_page_with_form(request))


async def coroutine(request: Request) -> Response:
    CALLS.append("coroutine")
    return HTMLResponse(_page_with_form(request))


def receive(request: Request) -> Response:
    form = form_of(request)
    assert "csrf_token" not in form
    CALLS.append(f"{form.get('name')} {[(upload.name, upload.too_large) for upload in form.uploads]}")
    return HTMLResponse(_page_with_form(request))


def gate(request: Request, access: Access) -> Response | None:
    CALLS.append(f"gate {access}")
    if request.query_params.get("as") == "stranger":
        return RedirectResponse("/", 303)
    if request.query_params.get("as") == "other":
        raise NotFound("Cette demande n'existe pas.")
    return None


def face(**gates: object) -> Face:
    return Face(GALLERY.templates, GALLERY.csrf, gates)  # type: ignore[arg-type]


def client(*routes: Route, **gates: object) -> PageClient:
    return PageClient(SecurityHeaders(application([*routes, GALLERY.templates.assets.mount()], face(**gates))))


@pytest.mark.parametrize("access", [Access.DRAFT, Access.LINK, Access.ACCOUNT, Access.STAFF, Access.staff("correct")])
@pytest.mark.parametrize("endpoint", [plain, coroutine])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_access_without_a_gate_admits_nobody(access: Access, endpoint: object, method: str) -> None:  # std: SEC-1
    browser = client(page("/", endpoint, access=access, methods=[method]), page("/ici", plain, access=Access.PUBLIC))  # type: ignore[arg-type]
    if method == "GET":
        browser.get("/", status=403)
    else:
        browser.post("/", status=403)
    assert not CALLS


@pytest.mark.parametrize("endpoint", [plain, coroutine])
def test_gate_runs_before_the_endpoint_and_decides(endpoint: object) -> None:  # std: SEC-1
    routes = (page("/demande", endpoint, access=Access.staff("correct")), page("/", plain, access=Access.PUBLIC))  # type: ignore[arg-type]
    browser = client(*routes, staff=gate)
    browser.get("/demande")
    assert ["gate staff:correct", endpoint.__name__] == CALLS  # type: ignore[attr-defined]
    assert browser.get("/demande?as=stranger").path == "/"
    CALLS.clear()
    assert "Cette demande n'existe pas." in browser.get("/demande?as=other", status=404)
    assert CALLS == ["gate staff:correct"]


@pytest.mark.parametrize("embedded", [True, False])
def test_brief_page_waits_for_no_thread_where_the_database_is_at_hand(embedded: bool) -> None:
    threads: dict[str, str] = {}

    async def arrival(request: Request) -> Response:
        threads["arrival"] = current_thread().name
        return HTMLResponse(_page_with_form(request))

    def brief(request: Request) -> Response:
        threads["brief"] = current_thread().name
        return HTMLResponse(_page_with_form(request))

    routes = [page("/", brief, access=Access.LINK, brief=True), page("/ici", arrival, access=Access.PUBLIC)]
    own = Face(GALLERY.templates, GALLERY.csrf, {"link": gate}, embedded)
    browser = PageClient(SecurityHeaders(application([*routes, GALLERY.templates.assets.mount()], own)))
    with browser.http:
        browser.get("/ici")
        browser.get("/")
        browser.get("/?as=other", status=404)
    assert (threads["brief"] == threads["arrival"]) == embedded
    assert CALLS == ["gate link", "gate link"]
    with pytest.raises(ValueError, match="reads"):
        page("/", brief, access=Access.LINK, methods=["POST"], brief=True)


def test_stranger_is_stopped_before_a_byte_of_the_body_is_read() -> None:  # std: SEC-10
    browser = client(page("/depot", receive, access=Access.ACCOUNT, methods=["POST"]), account=gate)
    answer = browser.http.post(
        "/depot?as=stranger", content=b"not a form", headers={"content-type": "x"}, follow_redirects=False
    )
    assert answer.status_code == 303


def test_form_is_read_within_the_limits_of_its_route() -> None:  # std: SEC-10
    limits = Limits(file_bytes=10, total_bytes=3000)
    browser = client(
        page("/", receive, access=Access.PUBLIC, methods=["POST"], limits=limits),
        page("/form", token, access=Access.PUBLIC),
    )
    data = {"csrf_token": browser.http.get("/form").text, "name": "a"}
    browser.post("/", data, files={"f": ("a.pdf", b"x" * 11)})
    assert CALLS == ["a [('a.pdf', True)]"]
    assert "trop volumineux" in browser.post("/", data, files={"f": ("a.pdf", b"x" * 4000)}, status=413)


def token(request: Request) -> Response:
    return Response(GALLERY.csrf.token(request))


def test_access_of_every_route_is_known_or_visibly_missing() -> None:  # std: SEC-1
    assert access_of(page("/", plain, access=Access.ACCOUNT)) == Access.ACCOUNT
    assert access_of(GALLERY.templates.assets.mount()) == Access.PUBLIC
    assert access_of(Route("/", plain)) is None
    assert access_of(Mount("/x", routes=[Route("/", plain)])) is None
    assert [str(access) for access in (Access.PUBLIC, Access.staff("read"))] == ["public", "staff:read"]


def test_head_is_answered_and_other_methods_are_not() -> None:
    browser = client(page("/", plain, access=Access.PUBLIC))
    head = browser.http.head("/")
    assert (head.status_code, head.content) == (200, b"")
    wrong = browser.post("/", status=405)
    assert "GET" in wrong.response.headers["allow"]
    assert wrong.h1 == "Action impossible à cette adresse"
    assert browser.get("/nulle-part", status=404).h1 == "Page introuvable"


def test_pages_of_one_person_are_not_kept_by_anyone() -> None:  # std: SEC-18
    routes = [page("/", plain, access=Access.PUBLIC), page("/espace", plain, access=Access.ACCOUNT)]
    browser = client(*routes, account=gate)
    assert browser.get("/espace").response.headers["cache-control"] == "no-store"
    assert browser.get("/").response.headers["cache-control"] == "private, no-cache"


def test_route_may_ask_for_the_viewer_policy_but_its_errors_do_not() -> None:  # std: SEC-8
    routes = [
        page("/piece", plain, access=Access.PUBLIC, policy=Policy.VIEWER),
        page("/absente", raising(NotFound("Cette pièce n'existe pas.")), access=Access.PUBLIC, policy=Policy.VIEWER),
    ]
    browser = client(*routes)
    assert "sandbox" in browser.http.get("/piece").headers["content-security-policy"]
    assert "sandbox" not in browser.get("/absente", status=404).response.headers["content-security-policy"]


def raising(error: Exception) -> object:
    def endpoint(request: Request) -> Response:
        raise error

    return endpoint


EXPECTED = [
    (DomainError(SENTENCE), 400, SENTENCE),
    (Forbidden(SENTENCE), 403, SENTENCE),
    (NotFound(SENTENCE), 404, SENTENCE),
    (Conflict(SENTENCE), 409, SENTENCE),
    (Refused(SENTENCE), 422, SENTENCE),
    (Unavailable(SENTENCE), 503, SENTENCE),
    (StaleDataError("UPDATE statement"), 409, "Quelqu'un d'autre a modifié ces informations"),
    (OperationalError("SELECT secret", {}, Exception("locked")), 503, "Un service dont ce site a besoin ne répond pas"),
    (RuntimeError("secret detail"), 500, "Le problème vient de notre côté"),
]


@pytest.mark.parametrize(("error", "status", "said"), EXPECTED, ids=[type(error).__name__ for error, _, _ in EXPECTED])
def test_each_error_is_a_page_that_hides_the_inside(error: Exception, status: int, said: str) -> None:  # rule: UX-5
    answer = client(page("/", raising(error), access=Access.PUBLIC)).get("/", status=status)  # type: ignore[arg-type]
    assert said in answer
    assert "secret" not in answer.html


def test_unexpected_error_has_one_incident_number_on_page_and_in_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "web.errors"):
        answer = client(page("/suivi/{x}", raising(RuntimeError("x")), access=Access.PUBLIC)).get(
            "/suivi/Yk3fQ9-xZ_aB71LmNoPqRs", status=500
        )  # type: ignore[arg-type]
    incident = answer.text.split("Numéro d'incident : ")[1].split()[0]
    assert [incident in record.getMessage() for record in caplog.records] == [True]
    assert "Yk3fQ9" not in caplog.records[0].getMessage()


def test_script_gets_the_sentence_as_json() -> None:
    browser = client(page("/", raising(Refused(SENTENCE)), access=Access.PUBLIC))  # type: ignore[arg-type]
    answer = browser.http.get("/", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["message"]) == (422, SENTENCE)


def test_error_page_that_fails_is_still_a_page(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> str:
        raise ValueError("template")

    monkeypatch.setattr(GALLERY.templates.__class__, "render_text", broken)
    with caplog.at_level(logging.CRITICAL, "web.errors"):
        answer = TestClient(application([page("/", raising(NotFound(SENTENCE)), access=Access.PUBLIC)], face())).get(
            "/"
        )  # type: ignore[arg-type]
    assert answer.status_code == 404
    assert "<h1>Page introuvable</h1>" in answer.text


def test_files_of_a_form_are_closed_after_the_answer() -> None:
    kept: list[object] = []

    def keep(request: Request) -> Response:
        kept.append(form_of(request).uploads[0]._file)
        return HTMLResponse("")

    browser = client(
        page("/", keep, access=Access.PUBLIC, methods=["POST"]), page("/form", token, access=Access.PUBLIC)
    )
    data = {"csrf_token": browser.http.get("/form").text}
    browser.http.post("/", data=data, files={"f": ("a.pdf", b"x" * 100_000)})
    assert kept[0].closed  # type: ignore[attr-defined]
