"""Processes with the names of the real ones that do nothing but answer /readyz: the supervisor is what is tested."""

from collections.abc import Callable
from pathlib import Path

import pytest

PACKAGES = ("directory", "snp_dispatch", "pathways", "indicators")

_SERVER = """
import os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")


def serve(variable):
    print("listening on", os.environ[variable])
    HTTPServer(("127.0.0.1", int(os.environ[variable])), Handler).serve_forever()
"""


@pytest.fixture
def make_stand_ins(tmp_path: Path) -> Callable[..., str]:
    """Writes the stand-ins and returns the PYTHONPATH that puts them before the real packages."""
    return lambda broken=None: str(write_stand_ins(tmp_path / f"stand_ins_{broken}", broken))


@pytest.fixture
def stand_ins(make_stand_ins: Callable[..., str]) -> str:
    """The PYTHONPATH of stand-ins that all work."""
    return make_stand_ins()


def write_stand_ins(folder: Path, broken: str | None = None) -> Path:
    """A folder for PYTHONPATH; the module named `broken` (such as `pathways.worker`) exits at once."""
    folder.mkdir()
    (folder / "stand_in_server.py").write_text(_SERVER)
    for package in PACKAGES:
        prefix = package.upper()
        _module(folder, f"{package}.main", f"{prefix}_PORT", broken)
        _module(folder, f"{package}.worker", f"{prefix}_WORKER_PORT", broken)
    _module(folder, "gateway.main", "GATEWAY_PORT", broken)
    return folder


def _module(folder: Path, name: str, variable: str, broken: str | None) -> None:
    package, module = name.split(".")
    (folder / package).mkdir(exist_ok=True)
    (folder / package / "__init__.py").touch()
    body = "raise SystemExit(3)" if name == broken else f"import stand_in_server\nstand_in_server.serve({variable!r})"
    (folder / package / f"{module}.py").write_text(body)
