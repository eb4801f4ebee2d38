"""Takes one uploaded file: checked, scanned and stored, not yet given to anything. What is wrong is said in French."""

from __future__ import annotations

from starlette.requests import Request

from enrolment.documents import Kind
from enrolment.errors import Refused
from enrolment.files.refusals import FileRefused
from enrolment.services.deposits import deposit
from public_site.site import portal_of
from schema.tables import Attachment
from web.forms import MIB, Limits, Upload
from web.typography import file_size

UPLOADS = Limits(file_bytes=16 * MIB)
"""Above the largest limit a kind of document may set: the kind's own limit decides, and says so."""


def taken(request: Request, kind: Kind, upload: Upload) -> Attachment:
    """The file as a row not yet saved. Raises Refused or StorageUnavailable, with a sentence that names the document.

    Call it outside any transaction: scanning and storing take time.
    """
    if upload.too_large:
        raise Refused(
            f"« {kind.name} » : ce fichier dépasse la taille maximale de {file_size(kind.max_bytes)}. Réduisez-le "
            "(numérisation moins fine, moins de pages) et déposez-le de nouveau."
        )
    portal = portal_of(request)
    try:
        return deposit(portal.storage, kind, upload.name, upload.content(), portal.settings.clamd)
    except FileRefused as error:
        raise Refused(f"« {kind.name} » : {error.message[:1].lower()}{error.message[1:]}") from error
