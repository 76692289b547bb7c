"""Files of `.run/` that only their owner reads, written whole or not at all."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Replaces the file in one step; mode 0600."""
    temporary = _temporary(path, text)
    temporary.replace(path)


def write_once(path: Path, text: str) -> str:
    """The file's text: what is there, else `text`. Of two processes that come at once, one wins."""
    temporary = _temporary(path, text)
    with suppress(FileExistsError):
        os.link(temporary, path)
    temporary.unlink()
    return path.read_text()


def _temporary(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp gives mode 0600
    with os.fdopen(handle, "w") as file:
        file.write(text)
    return Path(name)
