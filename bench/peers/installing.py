"""Makes the environment of the peers under `build/`, once for each content of `requirements.txt`."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
_REQUIREMENTS = FOLDER / "requirements.txt"
_BUILD = FOLDER.parent.parent / "build" / "peers"


def python() -> Path:
    """The Python of the peers, installed if need be."""
    content = _REQUIREMENTS.read_bytes() + sys.version.encode()
    place = _BUILD / hashlib.sha256(content).hexdigest()[:12]
    found, stamp = place / "bin" / "python", place / ".installed"
    if not stamp.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
        install = [found, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps"]
        checked = ["--require-hashes", "--only-binary=:all:", "--requirement", _REQUIREMENTS]
        subprocess.run([*install, *checked], check=True)
        stamp.touch()
    return found
