"""pytest plugin: points the installation at a folder of its own before the settings are read.

Loaded by `-p beffroi.project.testing`; without it a test could write into a real town.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="beffroi-test-")
os.environ["BEFFROI_DATA"] = _folder
os.environ.setdefault("BEFFROI_DEMO", "0")
# Stable, so that a test never waits for the generator of another one.
os.environ["BEFFROI_PUBLIC_URL"] = "http://testserver"
_owner = os.getpid()


@atexit.register
def _remove() -> None:
    if os.getpid() == _owner:
        shutil.rmtree(_folder, ignore_errors=True)
