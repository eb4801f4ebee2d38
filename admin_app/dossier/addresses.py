"""Addresses of the queue and of files, written once."""

from __future__ import annotations

from admin_app.addresses import BASE, with_query
from admin_app.messages import DONE

QUEUE = f"{BASE}/file"
NEXT = f"{QUEUE}/suivant"


def queue(tab: str = "", **more: object) -> str:
    """A tab of the queue."""
    return with_query(QUEUE, {"onglet": tab, **more})


def file(request_id: int, *, piece: str = "", done: str = "") -> str:
    """The file of a request, on one of its pieces."""
    return with_query(f"{BASE}/demandes/{request_id}", {"piece": piece, DONE: done})


def take(request_id: int) -> str:
    """Where a file is taken."""
    return f"{BASE}/demandes/{request_id}/prendre"


def release(request_id: int) -> str:
    """Where a file is given back."""
    return f"{BASE}/demandes/{request_id}/rendre"


def hand_over(request_id: int) -> str:
    """Where a file is given to a colleague."""
    return f"{BASE}/demandes/{request_id}/confier"


def notes(request_id: int) -> str:
    """Where a note is written."""
    return f"{BASE}/demandes/{request_id}/notes"


def note(request_id: int, note_id: int, act: str) -> str:
    """Where a note is written anew (`modifier`) or taken away (`retirer`)."""
    return f"{notes(request_id)}/{note_id}/{act}"


def piece(request_id: int, public_id: str, *, download: bool = False) -> str:
    """The content of a piece."""
    return with_query(f"{BASE}/demandes/{request_id}/pieces/{public_id}", {"telecharger": "1" if download else ""})


def review(request_id: int, public_id: str) -> str:
    """Where a manager says what a piece is worth."""
    return f"{BASE}/demandes/{request_id}/pieces/{public_id}/avis"


def flags(request_id: int) -> str:
    """Where a manager says which of the declared data are to correct."""
    return f"{BASE}/demandes/{request_id}/signalements"


def decision(request_id: int) -> str:
    """Where a decision is prepared, then taken."""
    return f"{BASE}/demandes/{request_id}/decision"


def recall(request_id: int) -> str:
    """Where a decision that waits is taken back."""
    return f"{decision(request_id)}/annuler"


def hurry(request_id: int) -> str:
    """Where it takes effect at once."""
    return f"{decision(request_id)}/effet"


def forget(request_id: int) -> str:
    """Where one that could not take effect is put aside."""
    return f"{decision(request_id)}/effacer"
