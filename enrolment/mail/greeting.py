"""What every mail to a vendor has, whatever it is about."""

from __future__ import annotations

from enrolment.mail.variables import Message, data, link, message

SITE = "https://segur.example"
"""The site of the examples."""


@message
class ToPerson(Message):
    """What every mail to a vendor has: somebody to greet and somewhere to ask."""

    person_name: str = data("Prénom et nom du destinataire ; vide s'ils ne sont pas connus", "Camille Lefèvre")
    support_link: str = link("Page « Contacter l'assistance »", f"{SITE}/assistance")
