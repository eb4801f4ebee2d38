"""The verbs of `enrolment staff`: who may sign in to the back office. Their names are part of the contract."""

from __future__ import annotations

from typing import Annotated

import typer

from enrolment import cli_words
from enrolment.addresses import Addresses
from enrolment.cli_parts import MODULE, open_database, operator
from enrolment.links import Links
from enrolment.services import second_factor, staff, staff_links
from enrolment.settings import Settings
from enrolment.typography import moment
from schema.enums import StaffRole

app = typer.Typer(help="Gère les agents qui se connectent au back-office.", **MODULE)


@app.command("add", cls=cli_words.Command)
def add(
    email: Annotated[str, typer.Argument(help="Adresse de connexion.")],
    first_name: Annotated[str, typer.Option("--first-name", help="Prénom.")],
    last_name: Annotated[str, typer.Option("--last-name", help="Nom.")],
    role: Annotated[StaffRole, typer.Option(help="Rôle.")] = StaffRole.reader,
) -> None:
    """Ajoute un agent et affiche, une seule fois, le lien par lequel il choisit son mot de passe."""
    settings = Settings()
    portal_addresses = Addresses(Links(settings.secret_key.get_secret_value()), settings.base_url)
    with open_database(settings) as database, database.writing(operator()) as session:
        user = staff.add(session, operator(), email=email, first_name=first_name, last_name=last_name, role=role)
        is_mailed = settings.smtp_url is not None
        given = staff_links.give(session, operator(), user, portal_addresses, mailed=is_mailed)
    typer.echo(f"{user} ({user.role.label}) se connectera avec {user.email}.")
    if is_mailed:
        typer.echo("Le lien ci-dessous lui est aussi envoyé par mail.")
    typer.echo(f"Lien pour choisir son mot de passe, valable une fois, jusqu'au {moment(given.expires_at)} :")
    typer.echo(given.url)


@app.command("password", cls=cli_words.Command)
def password_(
    email: Annotated[str, typer.Argument(help="Adresse de connexion.")],
    ask: Annotated[bool, typer.Option("--ask", help="Demande le mot de passe au lieu d'en tirer un.")] = False,
) -> None:
    """Donne un nouveau mot de passe à un agent et ferme ses sessions."""
    chosen = (
        typer.prompt("Nouveau mot de passe", hide_input=True, confirmation_prompt="Encore une fois") if ask else None
    )
    with open_database(Settings()) as database, database.writing(operator()) as session:
        password = staff.set_password(session, operator(), staff.get(session, email), chosen)
    typer.echo("Le mot de passe est changé." if ask else f"Mot de passe : {password}")


@app.command("disable", cls=cli_words.Command)
def disable(email: Annotated[str, typer.Argument(help="Adresse de connexion.")]) -> None:
    """Ferme l'accès d'un agent, tout de suite."""
    with open_database(Settings()) as database, database.writing(operator()) as session:
        user = staff.get(session, email)
        staff.disable(session, operator(), user)
    typer.echo(f"{user} ne peut plus se connecter.")


@app.command("enable", cls=cli_words.Command)
def enable(email: Annotated[str, typer.Argument(help="Adresse de connexion.")]) -> None:
    """Rouvre l'accès d'un agent."""
    with open_database(Settings()) as database, database.writing(operator()) as session:
        user = staff.get(session, email)
        staff.enable(session, operator(), user)
    typer.echo(f"{user} peut de nouveau se connecter.")


@app.command("reset-second-factor", cls=cli_words.Command)
def reset_second_factor(email: Annotated[str, typer.Argument(help="Adresse de connexion.")]) -> None:
    """Retire le second facteur d'un agent et ferme ses sessions."""
    with open_database(Settings()) as database, database.writing(operator()) as session:
        user = staff.get(session, email)
        second_factor.remove(session, operator(), user.id)
    typer.echo(f"{user} se connecte avec son seul mot de passe, jusqu'à ce qu'un nouveau second facteur soit en place.")
