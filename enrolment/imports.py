"""Loads a file into a table: new rows in, changed rows up to date, all or nothing.

Any table of the schema, by the descriptions of its columns. What a single correction of existing rows needs beyond
this (selection, preview, undo) is `enrolment.corrections`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import batched_rows
from typing import Any, BinaryIO
