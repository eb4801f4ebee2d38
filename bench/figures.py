"""One measured figure with its limit, and the table of `docs/performance.md`."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"
_MARK = "<!-- Written by `make bench`. -->"


@dataclass(frozen=True)
class Figure:
    """`measured` against `floor`, both in `unit`. `limit` is the ratio promised; `at_most` says on which side."""

    name: str
    measured: float
    floor: float
    unit: str
    limit: float
    at_most: bool
    floor_name: str

    @property
    def ratio(self) -> float:
        """Measured over floor."""
        return self.measured / self.floor

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self.ratio <= self.limit if self.at_most else self.ratio >= self.limit

    def row(self) -> str:
        """A line of the table."""
        sign = "≤" if self.at_most else "≥"
        verdict = "yes" if self.holds else "**no**"
        return (
            f"| {self.name} | {self.measured:,.4g} {self.unit} | {self.floor_name}: {self.floor:,.4g} {self.unit} "
            f"| {self.ratio:.2f} | {sign} {self.limit:g} | {verdict} |"
        )


def peak_memory() -> float:
    """Megabytes that this process has held at most, its parent's left aside, which `getrusage` would count."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def publish(figures: Iterable[Figure]) -> None:
    """Write the table, keeping the lines of benchmarks that were not run this time."""
    kept = _rows()
    for figure in figures:
        kept[figure.name] = figure.row()
    lines = [
        "# Performance",
        "",
        _MARK,
        "",
        "Each figure is measured beside its floor in one run; only the ratio is promised, since machines differ.",
        f"Last run: Python {platform.python_version()}, {platform.machine()}, one server process.",
        "",
        "| What | Measured | Floor | Ratio | Promise | Kept |",
        "|---|---|---|---|---|---|",
        *kept.values(),
        "",
    ]
    DOCUMENT.write_text("\n".join(lines), encoding="utf-8")


def _rows() -> dict[str, str]:
    if not DOCUMENT.exists():
        return {}
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| What")]
    return {line.split("|")[1].strip(): line for line in rows}
