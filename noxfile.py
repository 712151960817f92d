"""The workshop: one name a step. ``nox -l`` lists them, ``nox -s tests`` runs one; ``.ci/run`` runs them all.

A session has a virtual environment of its own, under ``.nox``; ``nox -r`` uses those that are there.
"""

from __future__ import annotations

import shutil
import sys
import tarfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "venv"
nox.options.sessions = ["tests", "lint", "types", "layers"]

ROOT = Path(__file__).parent
NUMBER_OF_BUILDS = 2
PURE = ("--only-binary", ":all:", "--python-version", "3.14", "--platform", "any", "--abi", "none")
"""How pip is told to take packages that any Python 3.14 runs, as the one in a browser."""


def groups(*names: str) -> list[str]:
    """The arguments by which pip installs dependency groups of ``pyproject.toml``."""
    return [argument for name in names for argument in ("--group", f"{ROOT / 'pyproject.toml'}:{name}")]


def prepare(session: nox.Session, *names: str, package: bool = True) -> None:
    """Installs the package, editable, with dependency groups."""
    session.install("-q", "-U", "pip")
    session.install("-q", *(("-e", ".") if package else ()), *groups(*names))


@nox.session
def tests(session: nox.Session) -> None:
    """The quick suite, as ``pytest`` alone runs it."""
    prepare(session, "test")
    session.run("pytest", *session.posargs)


@nox.session
def thorough(session: nox.Session) -> None:
    """Every test, with 100 % branch coverage; ``-- --examples``: the laws alone, with 3,000 new examples each, without coverage."""
    prepare(session, "test", "zen")
    if "--examples" in session.posargs:
        session.run("pytest", "-m", "law", env={"HYPOTHESIS_PROFILE": "thorough"})
    else:
        session.run("pytest", "-m", "", "--cov", *session.posargs, env={"HYPOTHESIS_PROFILE": "suite"})
        session.install("-q", *groups("mutants"))
        session.run("pytest", "-n", "0", "tests/test_code_mutants.py")  # it measures time, which coverage stretches


@nox.session
def lint(session: nox.Session) -> None:
    """Style, format, and the fragments of the changelog."""
    prepare(session, "lint", package=False)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("towncrier", "build", "--draft", "--version", "next", silent=True)


@nox.session
def types(session: nox.Session) -> None:
    """Types, by two checkers: of the code, and of every example of the documentation."""
    prepare(session, "types")
    session.run("mypy")
    session.run("pyright", "--pythonpath", shutil.which("python", path=session.bin) or sys.executable)
    session.run("python", "docs/check_types.py")


@nox.session
def layers(session: nox.Session) -> None:
    """Imports point downwards only."""
    prepare(session, "lint")
    session.run("lint-imports")


@nox.session
def paper(session: nox.Session) -> None:
    """Pages printed by chromium, and calendars read by ical.js: neither is skipped. It needs chromium, Node and npm."""
    prepare(session, "test")
    folder = Path(session.create_tmp()).resolve()
    session.run("npm", "install", "--silent", "--no-save", "--prefix", str(folder), "ical.js@2", external=True)
    run = {"TARLATAMAB_PAPER": "1", "TARLATAMAB_NODE": str(folder)}
    session.run("python", "-m", "pytest", "-m", "", "-n", "0", "tests/test_printed.py", "tests/test_calendar_elsewhere.py", env=run)


@nox.session
def engines(session: nox.Session) -> None:
    """Assessments inside Spark, Dask and Ray: none is skipped. It needs Java."""
    prepare(session, "engines")
    session.run("python", "-m", "pytest", "-m", "", "-n", "0", "tests/test_cohort_engines.py", env={"TARLATAMAB_ENGINES": "1"})


@nox.session
def records(session: nox.Session) -> None:
    """What other programs make of forms, resources and the service, with 200 clients for a minute. It needs chromium, Node and npm."""
    prepare(session, "test", "records")
    folder = Path(session.create_tmp()).resolve()
    npm = ("npm", "--silent", "--prefix", str(folder))
    session.run(*npm, "install", "--no-save", "--legacy-peer-deps", "fhir@4.12", "playwright-core@1", external=True)
    session.run(
        "npm", "--silent", "pack", "lforms@40.1.3", "--pack-destination", str(folder), external=True
    )  # without what it is built with
    with tarfile.open(folder / "lforms-40.1.3.tgz") as archive:
        archive.extractall(folder, filter="data")
    shutil.rmtree(folder / "lforms", ignore_errors=True)
    (folder / "package").rename(folder / "lforms")
    session.run("python", "-m", "pytest", "-m", "", "-n", "0", "tests/test_records_elsewhere.py", env={"TARLATAMAB_RECORDS": str(folder)})


@nox.session
def page(session: nox.Session) -> None:
    """The pages with Python in them, used in chromium, and the same to the byte when made again. It needs chromium, and Node with npm."""
    prepare(session, "build", "docs")
    folder = Path(session.create_tmp()).resolve()
    site, again = folder / "site" / "pages", folder / "again"
    for old in (site, again):
        shutil.rmtree(old, ignore_errors=True)
    quick = ("-D", "nb_execution_mode=off", "-d", str(folder / "doctrees"))  # what notebooks print is seen by `docs`
    session.run("python", "-m", "sphinx", "-q", "-E", *quick, "docs", str(site))
    shutil.copytree(site / "_static" / "live", again / "_static" / "live")
    for pages in (site, again):
        session.run("python", "docs/_page/runtime.py", str(pages))
    session.run("diff", "-r", str(site / "_static" / "live"), str(again / "_static" / "live"), external=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "docs" / "_page" / name, folder)
    session.run("npm", "ci", "--silent", "--ignore-scripts", "--prefix", str(folder), external=True)
    run = {"TARLATAMAB_SITE": str(site), "TARLATAMAB_NODE": str(folder), "TARLATAMAB_PICTURES": str(folder / "pictures")}
    session.run("python", "-m", "pytest", "-m", "", "-n", "0", "tests/test_page.py", env=run)


@nox.session
def pyodide(session: nox.Session) -> None:
    """The suite in the Python of the pages, without its laws; what cannot run there is named in the documentation. It needs Node, npm."""
    prepare(session, "build", package=False)
    folder = Path(session.create_tmp()).resolve()
    packages = folder / "packages"
    for old in (packages, folder / "wheel"):
        shutil.rmtree(old, ignore_errors=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "docs" / "_page" / name, folder)
    session.run("npm", "ci", "--silent", "--ignore-scripts", "--omit=dev", "--prefix", str(folder), external=True)
    session.run("python", "-m", "build", "-q", "--wheel", "--outdir", str(folder / "wheel"))
    into = ("pip", "install", "-q", "--no-deps", "--target", str(packages))
    session.run(*into, *PURE, "--require-hashes", "-r", "docs/_page/requirements.txt")
    session.run(*into, *PURE, "pytest", "pluggy", "iniconfig", "packaging", "pygments", "hypothesis", "sortedcontainers")
    session.run(*into, *PURE, "rich", "markdown-it-py", "mdurl", "icalendar", "python-dateutil", "six")
    session.run(*into, *map(str, (folder / "wheel").glob("*.whl")))
    session.run("node", "tests/page_suite.mjs", str(folder), str(ROOT), str(packages), *session.posargs, external=True)


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation, without a warning, the same to the byte when it is built again."""
    prepare(session, "docs")
    built = ROOT / "docs" / "_build" / "html"
    again = Path(session.create_tmp()) / "again"
    for target in (built, again):
        shutil.rmtree(target, ignore_errors=True)
        session.run("python", "-m", "sphinx", "-q", "-E", "-n", "-W", "--keep-going", "-d", f"{target}.doctrees", "docs", str(target))
    session.run("python", "docs/check_html.py")
    session.run("diff", "-rq", "-x", ".doctrees", str(built), str(again), external=True)


@nox.session
def bench(session: nox.Session) -> None:
    """Figures against their bars."""
    prepare(session, "test", "bench")
    for name in ("imports", "scalar", "assessment", "plan"):
        session.run("python", f"benchmarks/{name}.py", "--check")


@nox.session
def mutants(session: nox.Session) -> None:
    """A sample of changes to the code, each of which some test must notice; it takes up to 40 minutes, and goes on where it stopped."""
    prepare(session, "mutants")
    session.run("python", "tests/code_mutants.py", *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """The archives, the same to the byte when built again; every test against the wheel, without the sources; complete types."""
    session.install("-q", "-U", "pip")
    session.install("-q", *groups("build"))
    away = Path(session.create_tmp()).resolve()
    shutil.rmtree(away, ignore_errors=True)
    builds = [away / f"dist{n}" for n in range(NUMBER_OF_BUILDS)]
    for build in builds:
        session.run("python", "-m", "build", "-q", "--outdir", str(build))
    session.run("diff", "-r", *map(str, builds), external=True)
    for name in ("tests", "docs", "examples", "conformance", "benchmarks", "changelog.d", ".ci"):
        shutil.copytree(ROOT / name, away / name, ignore=shutil.ignore_patterns("_build", "__pycache__"))
    for name in ("README.md", "CONTRIBUTING.md", "pyproject.toml", "noxfile.py"):
        shutil.copy(ROOT / name, away)
    (archive,) = builds[0].glob("*.whl")
    session.install("-q", str(archive), *groups("test"), "pyright")
    session.chdir(away)
    session.run("pytest", "-m", "", env={"HYPOTHESIS_PROFILE": "suite"})
    _verify_types(session)


def _verify_types(session: nox.Session) -> None:
    """What pint leaves unknown takes no part: a stub of our own stands in its place."""
    packages = Path(session.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", silent=True).strip())
    stubs = packages / "pint-stubs"
    (stubs / "facets").mkdir(parents=True, exist_ok=True)
    head = 'from typing import Generic, TypeVar\nT = TypeVar("T")\n'
    (stubs / "facets" / "__init__.pyi").write_text("")
    (stubs / "__init__.pyi").write_text(f"{head}class Quantity(Generic[T]): ...\nclass Unit: ...\n")
    (stubs / "facets" / "plain.pyi").write_text(f"{head}class PlainQuantity(Generic[T]): ...\n")
    session.run("pyright", "--ignoreexternal", "--verifytypes", "tarlatamab_rules")
