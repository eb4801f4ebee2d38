"""`{% fixed %} … {% endfixed %}`: a part of a template that is the same on every page of the process.

It is written once, when the template is compiled, from what the process itself knows: addresses of static files, the
operator, drawings. A variable of one page is undefined there, which is an error at the first use: what differs from
one visitor to another cannot get in.
"""

from __future__ import annotations

from jinja2 import Template, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser


class Fixed(Extension):
    """Replaces the part by its text. Macros used there are imported there; a block cannot be declared there."""

    tags = {"fixed"}  # noqa: RUF012 -- declared so by Jinja.

    def parse(self, parser: Parser) -> nodes.Node:
        """Render the part with the globals of the environment, and leave plain text in the template."""
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endfixed",), drop_needle=True)
        part = nodes.Template(body, lineno=line)
        part.set_environment(self.environment)
        code = self.environment.compile(part, parser.name, parser.filename)
        template = Template.from_code(self.environment, code, self.environment.make_globals(None))
        return nodes.Output([nodes.TemplateData(template.render(), lineno=line)], lineno=line)
