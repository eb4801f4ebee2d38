"""Filters, order and columns that somebody keeps under a name for a page, for themselves or for the whole team.

A view is only an address: opening it goes through the page's own permissions and strict reading, hence it never widens
what one may see. Which pages a role may list is the caller's to check.
"""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, or_, select

from enrolment.errors import Conflict, Forbidden, NotFound, Refused
from schema.history import Actor
from schema.tables import SavedView

LONGEST_NAME = 60
LONGEST_QUERY = 4000


def of_page(session: Session, staff_id: int, page: str) -> list[SavedView]:
    """One's own views of a page, then those that colleagues share."""
    statement = select(SavedView).where(
        SavedView.page == page, or_(col(SavedView.owner_id) == staff_id, col(SavedView.shared))
    )
    return sorted(session.exec(statement), key=lambda view: (view.owner_id != staff_id, view.name.casefold(), view.id))


def opening(session: Session, staff_id: int) -> tuple[tuple[str, str], ...]:
    """(page, query) of the views that somebody's lists open on."""
    rows = session.exec(
        select(SavedView.page, SavedView.query).where(SavedView.owner_id == staff_id, col(SavedView.opens))
    )
    return tuple((page, query) for page, query in rows)


def save(
    session: Session, actor: Actor, page: str, name: str, query: str, *, shared: bool, opens: bool = False
) -> SavedView:
    """Keep an address under a name of one's own. Raises Conflict when one has that name already on this page.

    With `opens`, the page opens on it from now on, for its owner, instead of on another.
    """
    view = SavedView(owner_id=_owner(actor), page=page, name=_name(name), query=_query(query), shared=shared)
    _check_free(session, view)
    _keep(session, view, opens=opens)
    return view


def change(
    session: Session,
    actor: Actor,
    key: int,
    *,
    name: str,
    shared: bool,
    opens: bool = False,
    query: str | None = None,
) -> SavedView:
    """Rename, share, open with, and replace what is kept where a query is given: the owner alone."""
    view = _seen(session, actor, key)
    if view.owner_id != actor.id:
        raise Forbidden("Cette vue appartient à un collègue : enregistrez la vôtre pour la modifier.")
    view.name, view.shared = _name(name), shared
    if query is not None:
        view.query = _query(query)
    with session.no_autoflush:
        _check_free(session, view)
        _keep(session, view, opens=opens)
    return view


def delete(session: Session, actor: Actor, key: int, *, is_administrator: bool) -> str:
    """Delete a view of one's own, or a shared one as an administrator. Gives the page it was for."""
    view = _seen(session, actor, key)
    if view.owner_id != actor.id and not is_administrator:
        raise Forbidden("Cette vue appartient à un collègue : lui ou un administrateur peut la supprimer.")
    page = view.page
    session.delete(view)
    session.flush()
    return page


def _keep(session: Session, view: SavedView, *, opens: bool) -> None:
    """Write a view. One of the same name that came meanwhile, from another window, is a conflict like any other."""
    try:
        with session.begin_nested():
            if opens and not view.opens:
                _open_no_other(session, view)
            view.opens = opens
            session.add(view)
            session.flush()
    except IntegrityError as error:
        raise Conflict(
            f"La vue « {view.name} » vient d'être enregistrée dans une autre fenêtre : rechargez la liste."
        ) from error


def _open_no_other(session: Session, view: SavedView) -> None:
    others = select(SavedView).where(
        SavedView.owner_id == view.owner_id, SavedView.page == view.page, col(SavedView.opens)
    )
    for other in session.exec(others.with_for_update()).all():
        other.opens = False
        session.add(other)
    session.flush()


def _seen(session: Session, actor: Actor, key: int) -> SavedView:
    """A view that one may see. The private view of somebody else does not exist."""
    view = session.exec(select(SavedView).where(SavedView.id == key).with_for_update()).first()
    if view is None or (view.owner_id != actor.id and not view.shared):
        raise NotFound("Cette vue n'existe pas ou n'existe plus.")
    return view


def _owner(actor: Actor) -> int:
    if actor.id is None:
        raise Forbidden("Connectez-vous pour enregistrer une vue.")
    return actor.id


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(f"Donnez à la vue un nom de {LONGEST_NAME} caractères au plus.")
    return name


def _query(typed: str) -> str:
    if not typed or len(typed) > LONGEST_QUERY or not typed.isprintable():
        raise Refused("Choisissez au moins un filtre, un tri ou des colonnes avant d'enregistrer la vue.")
    return typed


def _check_free(session: Session, view: SavedView) -> None:
    same = select(SavedView.id).where(
        SavedView.owner_id == view.owner_id,
        SavedView.page == view.page,
        SavedView.name == view.name,
        col(SavedView.id) != view.id if view.id else col(SavedView.id).is_not(None),
    )
    if session.exec(same).first() is not None:
        raise Conflict(f"Vous avez déjà une vue « {view.name} » pour cette liste : choisissez un autre nom.")
