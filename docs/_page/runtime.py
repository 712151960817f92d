"""Adds Python to built pages, so that a browser runs the library: `python docs/_page/runtime.py docs/_build/html`.

It needs Node with npm, and takes everything from package registries, pinned with hashes: `package-lock.json` and `requirements.txt`. The
wheel of the library is built here. The pages fetch nothing from elsewhere, and are the same to the byte when they are made again.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def add_runtime(pages: Path) -> None:
    """Writes the archives beside the scripts of built pages."""
    live = pages / "_static" / "live"
    if not live.is_dir():
        sys.exit(f"{pages} holds no built pages; build them first, as the README says")
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        for name in ("package.json", "package-lock.json", "pack.mjs"):
            shutil.copy(HERE / name, work)
        packages = work / "packages"
        _run("npm", "ci", "--silent", "--ignore-scripts", "--omit=dev", cwd=work)
        download = (sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", str(packages))
        _run(*download, "--require-hashes", "-r", str(HERE / "requirements.txt"), cwd=work)
        _run(sys.executable, "-m", "build", "-q", "--wheel", "--outdir", str(packages), str(ROOT), cwd=work)
        shutil.rmtree(live / "runtime", ignore_errors=True)
        _run("node", "pack.mjs", str((live / "runtime").resolve()), str(packages), str(HERE / "in_the_page.py"), cwd=work)


def _run(*command: str, cwd: Path) -> None:
    """Runs a command; what it could not do stops everything."""
    if shutil.which(command[0]) is None:
        sys.exit(f"{command[0]} is not installed; Python for the pages needs Node with npm")
    subprocess.run(command, check=True, cwd=cwd)  # noqa: S603  # our own commands


if __name__ == "__main__":
    add_runtime(Path(sys.argv[1]))
