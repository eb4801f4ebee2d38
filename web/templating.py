"""The template environment that both faces use: strict, escaped, French.

A missing variable is an error and never an empty space; every value is escaped; typography is applied when a
template is compiled. Queries and rules stay out of templates.
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

import markupsafe
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import HTMLResponse

from web import typography
from web.assets import Assets
from web.csrf import Csrf
from web.fixed import Fixed
from web.parts import status_tone

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class FooterLink:
    """A link of the footer."""

    label: str
    url: str


DEFAULT_FOOTER = (
    FooterLink("Accessibilité : non conforme", "/accessibilite"),
    FooterLink("Conditions générales d'utilisation", "/cgu"),
    FooterLink("Données personnelles", "/donnees-personnelles"),
    FooterLink("Contacter l'assistance", "/assistance"),
)


@dataclass(frozen=True)
class Operator:
    """Who runs the portal, as the pages say it.

    Everything an operator changes without us comes from settings.
    """

    name: str = "Agence de services et de paiement"
    service: str = "Portail d'enrôlement"
    tagline: str = "Ségur du numérique en santé"
    home: str = "/"
    logo: str | None = None
    footer: tuple[FooterLink, ...] = DEFAULT_FOOTER
    assistance: str = "/assistance"


class Templates:
    """Renders pages of one face.

    `folders` come before the shared one, so a face may redefine a shared template. `layout` is the template
    that error pages extend. `common` gives what every page of the face shows (the signed-in person, for
    instance).
    """

    def __init__(
        self,
        assets: Assets,
        csrf: Csrf,
        folders: Iterable[Path] = (),
        *,
        operator: Operator | None = None,
        layout: str = "base.html",
        common: Callable[[Request], Mapping[str, Any]] | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        self.assets = assets
        self.csrf = csrf
        self._common = common
        self.environment = environment([*folders, TEMPLATES])
        self.environment.globals.update(
            asset=assets.url,
            has_asset=assets.has,
            operator=operator or Operator(),
            layout=layout,
            **(variables or {}),
        )

    def compile_all(self) -> list[str]:
        """Compile every template now, so that no visitor waits for it; the names compiled."""
        names = self.environment.list_templates(extensions=("html", "txt"))
        for name in names:
            self.environment.get_template(name)
        return names

    def render_text(self, request: Request, name: str, context: Mapping[str, Any] | None = None) -> str:
        """A page, or a part of one, as text."""
        template: Template = self.environment.get_template(name)
        values: dict[str, Any] = {
            "request": request,
            "path": request.scope["path"],
            "csrf_field": lambda: self.csrf.field(request),
            "csrf_token": lambda: self.csrf.token(request),
        }
        if self._common is not None:
            values.update(self._common(request))
        if context:
            values.update(context)
        return template.render(values)

    def render(
        self, request: Request, name: str, context: Mapping[str, Any] | None = None, status: int = 200
    ) -> HTMLResponse:
        """A page as a response."""
        return HTMLResponse(self.render_text(request, name, context), status)


def _written(value: Any) -> str:
    """What `{{ value }}` writes: escaped, unless it is markup already; the same as `markupsafe.escape`, as plain text.

    Nothing is made a `Markup` only to be joined with the rest of the page the next moment: it is done fifty times a
    page, and cost a tenth of it.
    """
    if type(value) is str:
        return _escaped(value)
    if hasattr(value, "__html__"):
        marked: str = value.__html__()
        return marked
    return _escaped(str(value))


# What `escape` itself calls; a test compares.
_escaped: Callable[[str], str] = vars(markupsafe)["_escape_inner"]


class _Template(Template):
    """A template whose compiled code escapes by `_written`."""

    @classmethod
    def from_code(
        cls,
        environment: Environment,
        code: CodeType,
        globals: MutableMapping[str, Any],  # noqa: A002  Named so by Jinja.
        uptodate: Callable[[], bool] | None = None,
    ) -> Template:
        """The compiled code only escapes what it writes at once; filters and macros have an `escape` of their own."""
        template = super().from_code(environment, code, globals, uptodate)
        template.root_render_func.__globals__["escape"] = _written
        return template


class _Environment(Environment):
    """Gives each template its globals as a plain dict: a chain of maps is walked, in Python, several times a page."""

    template_class = _Template

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template about to be loaded: whatever is global to all must be set before."""
        return {**self.globals, **(d or {})}


def environment(folders: Iterable[Path]) -> Environment:
    """A Jinja environment with the house's rules, over these folders, the first found winning."""
    env = _Environment(
        loader=FileSystemLoader([str(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[typography.FrenchTypography, Fixed],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    env.filters.update(typography.FILTERS, status_tone=status_tone)
    return env
