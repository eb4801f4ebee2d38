"""Nobody reaches what is not its own (A5): every route with an object in its address, against everybody it is not for.

Made from the list of routes: a new route whose access or whose parameters are unknown here fails, and says what to add.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import select
from starlette.routing import Route

from enrolment.links import Purpose
from enrolment.portal import Portal, open_portal
from enrolment.services import drafts, email_change
from public_site.routes import ROUTES
from schema.database import Database
from schema.enums import FinancingStatus, RequestKind, Verb
from schema.history import Actor
from schema.tables import Account, AccountProvider, Attachment, Demand, Draft, EnrolmentRequest, FinancingRequest
from tests.conftest import settings_for
from tests.enrolment.financing.giving import deposited, validated
from tests.pages import PageClient
from tests.public_site.answering.doors import signed_in
from tests.public_site.browsing import browser
from tests.stories import Vendor, decide, enrol, fill, new_number
from web.routing import access_of

REFUSED = {303, 403, 404, 410}
OTHER_SIRET = "55208131766522"
_ACTOR = Actor.system()


@dataclass
class World:
    """One vendor's things, another vendor, and a visitor that has nothing."""

    portal: Portal
    owner: PageClient
    other: PageClient
    nobody: PageClient
    subjects: Mapping[str, str]


LINKS = {
    "/suivi/repondre/": (Purpose.ANSWER_DEMAND, "demand"),
    "/suivi/retirer/": (Purpose.WITHDRAW_REQUEST, "request"),
    "/suivi/redeposer/": (Purpose.RESUBMIT_REQUEST, "request"),
    "/suivi/": (Purpose.FOLLOW_REQUEST, "request"),
    "/enrolement/reprise/": (Purpose.RESUME_DRAFT, "draft"),
    "/mot-de-passe/": (Purpose.CREATE_PASSWORD, "account"),
    "/confirmation-email/": (Purpose.CONFIRM_EMAIL, "email_change"),
}
"""Start of the address → what its link is for, and what it is about; the longest start counts."""

OBJECTS: Mapping[str, Callable[[World, str], str]] = {
    "request": lambda world, path: world.subjects["request"],
    "piece": lambda world, path: world.subjects["piece"],
    "draft": lambda world, path: world.subjects["complementary" if "/espace/" in path else "draft"],
    "kind": lambda world, path: "rib",
    "financing": lambda world, path: world.subjects["financing"],
    "place": lambda world, path: "1",
    "which": lambda world, path: "fichier",
    "token": lambda world, path: _token(world, path, _link_of(path)[0]),
}
"""How the address of each object is made: add here what a new route needs."""

NO_OBJECT = {"/captcha/son/{token}", "/captcha/calcul/{purpose}/{subject}", "/documents/{name}"}
"""Routes whose parameters name nothing of a vendor."""


def _with_objects() -> list[Route]:
    return [route for route in ROUTES if isinstance(route, Route) and "{" in route.path and route.path not in NO_OBJECT]


def _link_of(path: str) -> tuple[Purpose, str]:
    start = max((start for start in LINKS if path.startswith(start)), key=len, default=None)
    assert start is not None, f"{path}: say in LINKS what its link is for"
    return LINKS[start]


def _token(world: World, path: str, purpose: Purpose) -> str:
    return world.portal.links.sign(purpose, world.subjects[_link_of(path)[1]])


def address(world: World, route: Route, **given: str) -> str:
    """The address of a route for the owner's things; `given` replaces parameters."""
    made = route.path_format
    for name in route.param_convertors:
        maker = OBJECTS.get(name)
        assert maker is not None, f"{route.path}: say in OBJECTS how to make « {name} », or add the route to NO_OBJECT"
        made = made.replace(f"{{{name}}}", given.get(name) or maker(world, route.path))
    return made


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A vendor with a request that is asked for documents, drafts of both kinds, an account, a change of address."""
    folder = tmp_path_factory.mktemp("access")
    (folder / "portal.sqlite3").write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{folder / 'portal.sqlite3'}")
    portal = open_portal(settings_for(folder, database), database)
    mine = enrol(portal)
    decide(portal, mine.id, Verb.ask_documents, "", "rib")
    theirs = enrol(portal, siret=OTHER_SIRET)
    decide(portal, theirs.id, Verb.ask_documents, "", "rib")
    rich = validated(portal, siret="78467169500087")
    paid = deposited(portal, rich)
    with portal.database.writing(_ACTOR) as session:
        session.get_one(FinancingRequest, paid.id).status = FinancingStatus.to_modify
        session.add(AccountProvider(account_id=rich.account_id, provider_id=mine.provider_id))
    owner, other = signed_in(portal, rich), signed_in(portal, theirs)
    draft = fill(portal, Vendor(new_number(portal), siret="35600000049837", registry_name="X", legal_name="X"))
    with portal.database.writing(_ACTOR) as session:
        account_id = session.get_one(EnrolmentRequest, rich.id).account_id
        complementary = drafts.start(session, RequestKind.complementary, account_id)
        account = session.get_one(Account, account_id)
        change = email_change.ask(session, account, "autre@alize.fr", portal.addresses)
        subjects = {
            "request": mine.public_id,
            "financing": paid.public_id,
            "demand": session.exec(select(Demand.public_id).where(Demand.request_id == mine.id)).one(),
            "piece": session.exec(select(Attachment.public_id).where(Attachment.request_id == mine.id)).all()[0],
            "draft": draft,
            "complementary": complementary.public_id,
            "account": str(account_id),
            "email_change": f"{change.public_id}:nouvelle",
        }
    return World(portal, owner, other, browser(portal), subjects)


def status_of(client: PageClient, method: str, path: str) -> int:
    """What a request gets; an unsafe one comes with a good token, so that only the access can refuse it."""
    if method in {"GET", "HEAD"}:
        return int(client.http.request(method, path, follow_redirects=False).status_code)
    token = client.get("/connexion").html.split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.http.request(
        method,
        path,
        data={"csrf_token": token},
        headers={"sec-fetch-site": "same-origin"},
        follow_redirects=False,
    )
    return int(answer.status_code)


def _methods(route: Route) -> list[str]:
    return sorted((route.methods or set()) - {"HEAD"})


CASES = [
    pytest.param(route, method, id=f"{method} {route.path}") for route in _with_objects() for method in _methods(route)
]


@pytest.mark.parametrize(("route", "method"), CASES)
def test_object_is_out_of_reach_of_everybody_else(world: World, route: Route, method: str) -> None:
    # rule: A5; std: SEC-1, SEC-2
    access = access_of(route)
    assert access is not None
    assert access.kind != "public", f"{route.path} names an object and is open to everybody: give it an access"
    path = address(world, route)
    if "token" in route.param_convertors:
        right = _link_of(route.path)[0]
        for purpose in Purpose:
            if purpose is not right:
                wrong = address(world, route, token=_token(world, route.path, purpose))
                assert status_of(world.nobody, method, wrong) in REFUSED - {303}, f"a link for {purpose} opens {path}"
        forged = address(world, route, token="x" + _token(world, route.path, right))
        assert status_of(world.nobody, method, forged) in REFUSED - {303}
        return
    # Somebody else's is 404, like what does not exist; without a session one is asked to sign in.
    assert status_of(world.other, method, path) == 404
    assert status_of(world.nobody, method, path) in {303, 404}
    unknown = {name: "A" * 22 for name in route.param_convertors if name in {"request", "draft"}}
    assert status_of(world.other, method, address(world, route, **unknown)) == 404


@pytest.mark.parametrize(
    "route", [param.values[0] for param in CASES if param.values[1] == "GET"], ids=lambda route: route.path
)
def test_owner_reaches_its_own(world: World, route: Route) -> None:
    # Without this, a matrix of refusals would be green for pages that open to nobody.
    client = world.nobody if "token" in route.param_convertors else world.owner
    if access_of(route).kind == "draft":  # type: ignore[union-attr]
        link = world.portal.links.sign(Purpose.RESUME_DRAFT, world.subjects["draft"])
        client.get(f"/enrolement/reprise/{link}")
    # 422: the request is in no state for this page, and is said so, which only its owner learns.
    assert status_of(client, "GET", address(world, route)) in {200, 303, 422} | _NOT_THERE.get(route.path, set())


_NOT_THERE: Mapping[str, set[int]] = {
    # No such file was given: the owner is told, and nobody else gets that far.
    "/espace/demandes/{request}/reponse/{kind}": {404},
    "/suivi/repondre/{token}/reponse/{kind}": {404},
    "/espace/demande-complementaire/{draft}/pieces/{kind}": {404},
    # The stamp of this link is the account's own: made by hand here, it is not the right one.
    "/mot-de-passe/{token}": {404},
}


def test_draft_of_a_browser_opens_in_no_other(world: World) -> None:  # std: SEC-2
    with world.portal.database.reading() as session:
        assert session.exec(select(Draft).where(Draft.public_id == world.subjects["draft"])).one()
    assert status_of(browser(world.portal), "GET", f"/enrolement/{world.subjects['draft']}") == 404
