"""The one place where something that went wrong becomes a page that a person can read.

Domain errors carry their own sentence; everything else gets a title, an explanation and a remedy here, and
what we did not expect gets an incident number, which is in the log too. A script that asks for JSON gets the
sentence as JSON.
"""

import logging
import secrets
from dataclasses import dataclass

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from enrolment.errors import DomainError
from web.logs import mask

logger = logging.getLogger("web.errors")

TITLES = {
    400: "Demande incomplète",
    401: "Connexion nécessaire",
    403: "Accès refusé",
    404: "Page introuvable",
    405: "Action impossible à cette adresse",
    408: "Envoi interrompu",
    409: "Informations modifiées entre-temps",
    410: "Lien expiré",
    413: "Envoi trop volumineux",
    415: "Envoi non reconnu",
    422: "Action refusée",
    429: "Trop d'essais",
    500: "Une erreur est survenue",
    503: "Service momentanément indisponible",
}
EXPLANATIONS = {
    401: "Connectez-vous pour continuer.",
    403: "Vous n'avez pas le droit d'ouvrir cette page. Si vous pensez que c'est une erreur, contactez l'assistance.",
    404: "Cette page n'existe pas, ou n'existe plus. Vérifiez l'adresse, ou reprenez depuis l'accueil.",
    405: "Cette adresse ne s'ouvre pas de cette façon. Revenez à la page précédente, puis utilisez ses boutons.",
    409: "Quelqu'un d'autre a modifié ces informations pendant que vous les regardiez. Rien n'a été enregistré : "
    "rechargez la page, vérifiez, puis recommencez.",
    413: "Votre envoi dépasse la taille permise. Réduisez vos fichiers ou envoyez-les un par un.",
    500: "Le problème vient de notre côté, et il vient d'être signalé. Ce que vous aviez déjà enregistré est "
    "conservé. Réessayez dans quelques minutes ; si cela continue, contactez l'assistance avec le numéro "
    "d'incident.",
    503: "Un service dont ce site a besoin ne répond pas. Ce que vous aviez déjà enregistré est conservé. "
    "Réessayez dans quelques minutes.",
}


@dataclass(frozen=True)
class Problem:
    """What an error page says."""

    status: int
    title: str
    message: str
    incident: str | None = None


def problem_of(request: Request, error: Exception) -> Problem:
    """What to tell the person about this error; unexpected ones are logged with their incident number."""
    if isinstance(error, DomainError):
        status = getattr(error, "http_status", error.status)
        return Problem(status, TITLES.get(status, TITLES[400]), error.message)
    if isinstance(error, HTTPException):
        return _standard(error.status_code)
    if isinstance(error, StaleDataError):
        return _standard(409)
    status = 503 if isinstance(error, OperationalError | InterfaceError | PoolTimeoutError) else 500
    incident = new_incident()
    logger.error("incident %s on %s %s", incident, request.method, mask(request.url.path), exc_info=error)
    return _standard(status, incident)


def _standard(status: int, incident: str | None = None) -> Problem:
    family = status if status in TITLES else (500 if status >= 500 else 400)
    explanation = EXPLANATIONS.get(
        family, "Votre demande n'a pas pu être traitée. Revenez à la page précédente, puis recommencez."
    )
    return Problem(status, TITLES[family], explanation, incident)


def new_incident() -> str:
    """A short number to read over the phone: eight letters and digits in two groups."""
    digits = secrets.token_hex(4).upper()
    return f"{digits[:4]}-{digits[4:]}"


def wants_json(request: Request) -> bool:
    """Whether a script of ours asked, and not a person."""
    return request.headers.get("accept", "").startswith("application/json")
