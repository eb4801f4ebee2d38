"""Keeps the files that a form of several pieces sends: each that can be taken, whatever is wrong with the others.

What a page may take, and where a file goes, is the page's own business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from starlette.requests import Request

from enrolment.application.offers import Offer
from enrolment.errors import Refused
from enrolment.files.storage import StorageUnavailable
from public_site.uploads import taken
from schema.tables import Attachment
from web.forms import Upload


def keep_files(
    request: Request,
    offers: Iterable[Offer],
    uploads: Iterable[Upload],
    attach: Callable[[Attachment], object],
) -> dict[str, str]:
    """Take every file that one of the offers asks for; what is wrong with the others, by field.

    `attach` gives a checked and stored file its place, in a transaction of its own: storing takes time. Raises Refused
    for a file that nothing asks for.
    """
    kinds = {offer.field: offer.kind for offer in offers}
    errors: dict[str, str] = {}
    for upload in uploads:
        kind = kinds.get(upload.field_name)
        if kind is None:
            raise Refused("Ce document n'est pas demandé ici : il n'a pas été gardé.")
        try:
            attach(taken(request, kind, upload))
        except (Refused, StorageUnavailable) as error:
            errors[upload.field_name] = error.message
    return errors
