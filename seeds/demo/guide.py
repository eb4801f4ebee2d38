"""What there is to try in the demonstration: printed by `serve --demo` and copied in the README.

Made from `data`, so that it never promises what is not there.
"""

from __future__ import annotations

from collections.abc import Iterable

from seeds.demo import data

_TRY_NUMBERS = (
    ("ANS-V2-IMG-00302", "référencement validé : certificat demandé"),
    ("ANS-V2-MDV-00102", "référencement non validé : enrôlement anticipé"),
    ("ANS-V2-HOP-00412", "SONS DPI validé : certificat et document HDS demandés"),
    ("ANS-V2-HOP-00430", "SONS DPI non validé : enrôlement anticipé"),
    ("ANS-V2-MDV-00101", "déjà pris par une demande en cours"),
    ("ANS-V2-IMG-00399", "retiré par l'ANS"),
    (data.UNKNOWN_ANS_NUMBER, "inconnu : renvoi vers l'assistance"),
)
_TRY_SIRETS = (
    (data.FREE_SIRET, "Psylogis, société ouverte"),
    ("99990411300019", "Novalys Imagerie, société ouverte"),
    (data.VALIDATED.siret, "Alizé Santé, fournisseur qui a déjà un compte"),
    ("99990822100016", "MédiCabinet, première demande en cours d'instruction"),
    (data.CLOSED_SIRET, "Santé Numérique d'Autrefois, établissement fermé"),
    (data.NOT_DIFFUSIBLE_SIRET, "établissement non diffusible : identité à saisir"),
    (data.UNKNOWN_SIRET, "inconnu du répertoire : identité à saisir"),
)


def text(base_url: str) -> str:
    """The guide, ready for a terminal."""
    return "\n".join(_lines(base_url))


def numbers() -> tuple[tuple[str, str], ...]:
    """ANS numbers to try, each with what happens."""
    return _TRY_NUMBERS


def sirets() -> tuple[tuple[str, str], ...]:
    """SIRETs to try, each with what happens."""
    return _TRY_SIRETS


def vendors() -> tuple[tuple[str, str, str], ...]:
    """Logins of vendors, their passwords, and who they are."""
    return (
        ("nlambert", data.EARLY_PASSWORD, "enrôlement anticipé, validé partiellement"),
        ("clefevre", data.VALIDATED_PASSWORD, "enrôlement validé"),
        (data.WAVE_1_LOGIN, data.WAVE_1_PASSWORD, "connu depuis la vague 1, rien en vague 2"),
    )


def _lines(base_url: str) -> Iterable[str]:
    yield ""
    yield f"Site public : {base_url}/        Back-office : {base_url}/admin"
    yield ""
    yield "Agents de l'ASP (back-office)"
    yield from _columns((member.email, member.password, member.role.label) for member in data.STAFF)
    yield ""
    yield "Fournisseurs (« Se connecter »)"
    yield from _columns(vendors())
    yield ""
    yield "Numéros de référencement ANS à essayer"
    yield from _columns(_TRY_NUMBERS)
    yield ""
    yield "Numéros SIRET à essayer"
    yield from _columns(_TRY_SIRETS)
    yield ""


def _columns(rows: Iterable[tuple[str, ...]]) -> Iterable[str]:
    listed = list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*listed, strict=True)]
    for row in listed:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
