"""`python -m bench [name …]`: runs the benchmarks, all or those named, and writes `docs/performance.md`."""

from __future__ import annotations

import importlib
import sys

from bench.figures import Figure, publish

NAMES = (
    "pages",
    "starting",
    "submitting",
    "lists",
    "own_lists",
    "financing",
    "office",
    "stock",
    "exporting",
    "importing",
    "corrections",
    "meanwhile",
    # The last one: it alone installs something.
    "django_peer",
)


def main() -> None:
    """Run, print, publish. Exit code 1 when a promise is not kept."""
    figures: list[Figure] = []
    try:
        for name in sys.argv[1:] or NAMES:
            for figure in importlib.import_module(f"bench.{name}").run():
                print(figure.row(), flush=True)
                figures.append(figure)
    finally:
        # An hour of measures is not lost because the last benchmark cannot run here.
        publish(figures)
    sys.exit(0 if all(figure.holds for figure in figures) else 1)


if __name__ == "__main__":
    main()
