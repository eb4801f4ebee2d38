"""Times an import through the pages of the admin: the form, the preview, its confirmation. Runs with Django, without
our code: `python -m django_office.measure DATABASE FILE`, with the folder of its own database in PEER_FOLDER.

DATABASE is one of ours, whose referencings are copied, so that both sides hold the same rows. Prints the seconds of
the preview, those of the confirmation, the megabytes of the preview page and those of memory.
"""

from __future__ import annotations

import os
import re
import resource
import sys
import time
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection, models
from django.http import HttpResponseBase
from django.test import Client

_PAGE = "/admin/django_office/referencing/"
_CSV = re.compile(r'<option value="(\d+)"[^>]*>csv</option>')
_CONFIRMATION = re.compile(r'<form action="[^"]*process_import/".*?</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_WITHOUT_MIGRATIONS = {"run_syncdb": True, "verbosity": 0, "interactive": False}


def main() -> None:
    """Make the office, correct its rows, see that they are corrected."""
    source, file = map(Path, sys.argv[1:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_office.settings")
    django.setup()
    call_command("migrate", **_WITHOUT_MIGRATIONS)
    _copy(source)
    steward = _steward()
    began = time.perf_counter()
    confirmation, size = _preview(steward, file)
    previewed = time.perf_counter()
    answer = steward.post(f"{_PAGE}process_import/", confirmation)
    ended = time.perf_counter()
    _require(answer, 302)
    _require_corrected(file)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(previewed - began, ended - previewed, size / 1_000_000, memory)


def _copy(source: Path) -> None:
    """The rows of ours, the columns of the same name."""
    from django_office.models import Dsr, Profile, Referencing  # noqa: PLC0415 - models exist after the set-up.

    with connection.cursor() as cursor:
        cursor.execute("ATTACH %s AS ours", [f"file:{source}"])
        for model in (Dsr, Profile, Referencing):
            cursor.execute(_copying(model))
        cursor.execute("DETACH ours")
        cursor.execute("ANALYZE")


def _copying(model: type[models.Model]) -> str:
    name = model._meta.db_table  # noqa: SLF001 - Django documents `_meta` as public.
    columns = ", ".join(field.column for field in model._meta.concrete_fields)  # noqa: SLF001 - The same.
    return f"INSERT INTO {name} ({columns}) SELECT {columns} FROM ours.{name}"


def _steward() -> Client:
    from django.contrib.auth.models import User  # noqa: PLC0415 - Models exist after the set-up.

    client = Client()
    client.force_login(User.objects.create_superuser("mesures"))
    return client


def _preview(steward: Client, file: Path) -> tuple[dict[str, str], int]:
    """What the preview page asks to send back, and its size."""
    form = steward.get(f"{_PAGE}import/")
    _require(form, 200)
    choice = _CSV.search(form.content.decode())
    assert choice, "The form offers no CSV."
    with file.open("rb") as stream:
        answer = steward.post(f"{_PAGE}import/", {"format": choice[1], "resource": "", "import_file": stream})
    _require(answer, 200)
    page = answer.content.decode()
    form_of_page = _CONFIRMATION.search(page)
    assert form_of_page, "The preview found errors."
    return dict(_HIDDEN.findall(form_of_page[0])), len(answer.content)


def _require(answer: HttpResponseBase, status: int) -> None:
    assert answer.status_code == status, answer.status_code


def _require_corrected(file: Path) -> None:
    """Every row took its value, and has its entry in the log."""
    from django.contrib.admin.models import LogEntry  # noqa: PLC0415 - Models exist after the set-up.
    from django_office.models import Referencing  # noqa: PLC0415 - The same.

    with file.open(encoding="utf-8") as stream:
        wanted = dict(line.rstrip("\r\n").split(",") for line in stream)
    wanted.pop("ans_number")
    assert dict(Referencing.objects.values_list("ans_number", "software_version")) == wanted
    assert LogEntry.objects.count() == len(wanted)


if __name__ == "__main__":
    main()
