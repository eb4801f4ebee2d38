"""XLSX files as lines of texts: the first sheet, read a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

from schema.sheets import Row, Unreadable

_MOST_UNPACKED = 512 * 1024 * 1024


def workbook_lines(stream: BinaryIO) -> Iterator[Row]:
    from openpyxl import load_workbook  # noqa: PLC0415  Slow to load: nobody waits for it at start-up.
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415  The same.

    try:
        with ZipFile(stream) as archive:
            if sum(item.file_size for item in archive.infolist()) > _MOST_UNPACKED:
                raise Unreadable("Ce classeur est trop volumineux : enregistrez la feuille au format CSV.")
        stream.seek(0)
        book = load_workbook(stream, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # The size written in the file may be wrong: the rows themselves are read instead.
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield number, [_cell_text(cell) for cell in cells]
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, SyntaxError) as error:
        raise Unreadable(
            "Ce classeur est illisible : ouvrez-le dans votre tableur et enregistrez-le de nouveau, sans mot de passe."
        ) from error


def _cell_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "Oui" if cell else "Non"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y") if cell.time() == time() else cell.strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    return str(cell)
