"""Nox sessions: `nox --list` explains each one; `nox` alone runs every test that needs no account."""

import functools
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import nox

HERE: Final = Path(__file__).resolve().parent
SOURCES: Final = HERE / "src"
VERSIONS: Final = ("3.11", "3.12", "3.13")
PATIENCE_S: Final = 240.0  # grace period of an interrupted session, in which it stops everything that it has started


def _candidates(version: str) -> Iterator[Path]:
    """Yield possible paths of a Python: the running one, on PATH, version managers' installations, and uv's."""
    yield Path(sys.executable)
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    yield from (folder / f"python{version}" for folder in folders)
    managers = {folder.parent for folder in folders if folder.name == "shims"}
    roots = [root / place for root in sorted(managers) for place in ("versions", "installs/python")]
    roots.append(Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or Path.home() / ".local" / "share" / "uv" / "python"))
    for root in roots:
        yield from sorted(root.glob(f"*{version}*/bin/python{version}"))


@functools.cache
def _interpreter(version: str) -> Path | None:
    """Return a working Python of the version; a version manager's shim may exist but fail."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2], getattr(sys, '_base_executable', '') or sys.executable)"
    for candidate in _candidates(version):
        if candidate.exists():
            told = subprocess.run([str(candidate), "-c", ask], capture_output=True, text=True, check=False)  # noqa: S603 - a program of our own choice
            found, _, path = told.stdout.strip().partition(" ")
            if told.returncode == 0 and found == version:
                return Path(path)
    return None


OWN: Final = f"{sys.version_info[0]}.{sys.version_info[1]}"
MAIN: Final = (
    OWN if OWN in VERSIONS else next((version for version in reversed(VERSIONS) if _interpreter(version)), None)
)
if MAIN is None:
    sys.exit(f"Wrong Python: nox runs on {OWN}, and Python 3.11, 3.12 or 3.13 is not on PATH. Install one of them.")
PYTHON: Final = str(_interpreter(MAIN))

nox.needs_version = ">=2025.2.9"
nox.options.reuse_existing_virtualenvs = True
# uv's environments have no pip, which the engine's installation needs.
nox.options.default_venv_backend = "virtualenv"

# Embedded: virtualenv would sometimes download a newer pip, which is not locked. setuptools is in the locks.
os.environ.update(VIRTUALENV_PIP="embed", VIRTUALENV_NO_SETUPTOOLS="1", VIRTUALENV_NO_PERIODIC_UPDATE="1")

LOCKS: Final = HERE / "locks"
# Checked by `thumbpipe_devkit.style`.
STYLED: Final = ("src", "tests", "benchmarks", "noxfile.py")

# Locks whose packages all have wheels on every platform: nothing has to be built.
WHEELS_ALONE: Final = ("checkov", "lint", "lock")
# A command's script names its Python in its first line, which cannot have a space: every tool is run as a module, or as
# this one, which has no module to run.
LINT_IMPORTS: Final = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
STAMP: Final = "installed.txt"
# One environment for all sessions that use the devkit.
DEVKIT: Final = HERE / ".nox" / f"devkit-{MAIN}"
# Temporary files are not left in the system's temporary folder.
DEVKIT_VARIABLES: Final = {
    "PYTHONPATH": str(SOURCES),
    "THUMBPIPE_END_WITH_PARENT": "1",
    "PYTEST_DEBUG_TEMPROOT": str(HERE / ".nox" / "tmp"),
}


def _locks(name: str) -> list[Path]:
    """Return the lock files to install, in order: first the build tools, if any are needed."""
    return [LOCKS / f"{lock}.txt" for lock in ([name] if name in WHEELS_ALONE else ["build", name])]


def _locked(file: Path) -> list[str]:
    """Return pip's arguments for a lock: without build isolation, which would download unlocked packages."""
    return ["--quiet", "--no-build-isolation", "--require-hashes", "--requirement", str(file)]


def _digests(files: Sequence[Path]) -> str:
    """Return the content of an environment's stamp: the hashes of everything that is installed."""
    return "\n".join(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)


def _install(session: nox.Session, lock: str, *wheels: Path) -> None:
    """Install the locked packages, unless the environment already has exactly these.

    Args:
        session: The session, in whose environment to install.
        lock: A lock's name.
        wheels: This project's wheels, whose requirements are in the lock.
    """
    told = _digests([*_locks(lock), *wheels])
    stamp = Path(session.virtualenv.location, STAMP)
    if not stamp.exists() or stamp.read_text() != told:
        stamp.unlink(missing_ok=True)
        for file in _locks(lock):
            session.install(*_locked(file))
        if wheels:
            # Otherwise pip would not replace an installed wheel of the same version.
            session.install("--quiet", "--force-reinstall", "--no-deps", "--no-index", *map(str, wheels))
        stamp.write_text(told)


def _prepare_devkit(session: nox.Session) -> None:
    """Create the environment of all sessions that use the devkit, unless it is up to date."""
    temporary = Path(DEVKIT_VARIABLES["PYTEST_DEBUG_TEMPROOT"])
    temporary.mkdir(parents=True, exist_ok=True)
    # The tests' stacks store keys and state in it.
    temporary.chmod(0o700)
    locks = _locks("browser" if _chromium() else "e2e")
    told = f"{PYTHON}\n{_digests(locks)}"
    stamp = DEVKIT / STAMP
    if not stamp.exists() or stamp.read_text() != told:
        session.run(sys.executable, "-m", "virtualenv", "--quiet", "--clear", "--python", PYTHON, str(DEVKIT))
        for file in locks:
            _devkit(session, "-m", "pip", "install", *_locked(file))
        stamp.write_text(told)


def _devkit(session: nox.Session, *arguments: str, env: dict[str, str] | None = None, silent: bool = False) -> str:
    """Run the devkit's Python; if interrupted, it gets time to stop everything that it has started.

    Returns:
        Its output if `silent`.
    """
    printed = session.run(
        str(DEVKIT / "bin" / "python"),
        *arguments,
        env=DEVKIT_VARIABLES | (env or {}),
        silent=silent,
        stderr=None,
        interrupt_timeout=PATIENCE_S,
        terminate_timeout=PATIENCE_S,
        external=True,
    )
    return str(printed).strip()


@nox.session(python=False, default=False)
def demo(session: nox.Session) -> None:
    """Show the whole pipeline on photos until Ctrl-C; `-- --once` stops by itself, `-- FILE FOLDER` sends yours."""
    _prepare_devkit(session)
    _devkit(session, "-m", "thumbpipe_devkit", "demo", *session.posargs)


@nox.session(python=False, default=False)
def up(session: nox.Session) -> None:
    """Start the stack and leave it running; `-- --endpoint URL` uses your LocalStack, `--signed` signs URLs."""
    _prepare_devkit(session)
    _devkit(session, "-m", "thumbpipe_devkit", "up", *session.posargs)


@nox.session(python=False, default=False)
def down(session: nox.Session) -> None:
    """Stop what `up` left running."""
    _prepare_devkit(session)
    _devkit(session, "-m", "thumbpipe_devkit", "down", *session.posargs)


@nox.session(python=False, default=False)
def credentials(session: nox.Session) -> None:
    """Print a running stack's endpoint and credentials for a shell: `eval "$(python3 -m nox -s credentials)"`."""
    _prepare_devkit(session)
    _devkit(session, "-m", "thumbpipe_devkit", "credentials", *session.posargs)


@nox.session(python=False, default=False)
def keys(session: nox.Session) -> None:
    """Manage the keys of signed URLs of `up -- --signed`: `-- rotate`, `-- retire`, `-- show`."""
    _prepare_devkit(session)
    _devkit(session, "-m", "thumbpipe_devkit", "keys", *session.posargs)


@nox.session(python=PYTHON)
def lint(session: nox.Session) -> None:
    """Check style, layers between the packages, YAML files, generated reference, links and locks."""
    _install(session, "lint")
    session.run("python", "-m", "ruff", "check")
    session.run("python", "-m", "ruff", "format", "--check")
    session.run("python", "-m", "thumbpipe_devkit.style", *STYLED, env={"PYTHONPATH": str(SOURCES)})
    session.run("python", "-c", LINT_IMPORTS, env={"PYTHONPATH": str(SOURCES)})
    session.run("python", "-m", "yamllint", "--strict", ".github", "infra")
    session.run("python", "-m", "thumbpipe_devkit.docs.reference", "--check", env={"PYTHONPATH": str(SOURCES)})
    session.run("python", "-m", "thumbpipe_devkit.docs.proofs", "--check", env={"PYTHONPATH": str(SOURCES)})
    session.run("python", "-m", "thumbpipe_devkit.docs.links", env={"PYTHONPATH": str(SOURCES)})
    session.run("python", "-m", "thumbpipe_devkit.locks", "--check", env={"PYTHONPATH": str(SOURCES)})


@nox.session(python=PYTHON, default=False)
def lock(session: nox.Session) -> None:
    """Renew the locks of all packages; `-- --upgrade` takes the newest versions of those that are not pinned."""
    _install(session, "lock")
    session.run("python", "-m", "thumbpipe_devkit.locks", *session.posargs, env={"PYTHONPATH": str(SOURCES)})


@nox.session(python=PYTHON)
def types(session: nox.Session) -> None:
    """Check the types of the packages, the tests and this file, strictly."""
    _install(session, "types")
    session.run("python", "-m", "mypy", *(session.posargs or ["src", "tests", "benchmarks", "noxfile.py"]))


@nox.session(python=False)
def unit(session: nox.Session) -> None:
    """Run the unit tests against the built wheel on Python 3.11, 3.12 and 3.13, where they are installed."""
    for version in VERSIONS:
        if _interpreter(version):
            session.notify(f"unit-{version}")
        else:
            session.warn(f"Python {version} is not installed: its unit tests are skipped")


def _unit(session: nox.Session) -> None:
    """Run the unit tests on one Python."""
    wheel = _wheel(session)
    _install(session, "unit", wheel)
    # The devkit and the plugin are not in the wheel: they are imported from a folder with nothing else in it.
    beside = Path(session.create_tmp()) / "beside"
    beside.mkdir(exist_ok=True)
    for name in ("thumbpipe_devkit", "thumbpipe_localstack"):
        link = beside / name
        link.unlink(missing_ok=True)
        link.symlink_to(SOURCES / name)
    network = ("--disable-socket", "--allow-hosts=127.0.0.1,localhost,::1", "--allow-unix-socket")
    arguments = session.posargs or ["--numprocesses=auto", "tests/unit"]
    session.run("python", "-m", "pytest", *network, *arguments, env={"PYTHONPATH": str(beside)})


for _version in VERSIONS:
    if _interpreter(_version):
        nox.session(name=f"unit-{_version}", python=str(_interpreter(_version)), default=False)(_unit)


@nox.session(python=PYTHON)
def infra(session: nox.Session) -> None:
    """Check the Terraform files: format, validity, known weaknesses, and their tests without an account."""
    _prepare_devkit(session)
    _devkit(session, "-m", "thumbpipe_devkit.terraform", *session.posargs)
    if not session.posargs:
        _install(session, "checkov")
        with session.chdir("infra"):
            session.run("python", "-m", "checkov.main", "--config-file", ".checkov.yaml")
        _devkit(session, "-m", "pytest", "tests/infra")


@nox.session(python=False)
def bundle(session: nox.Session) -> None:
    """Build the Lambda zips into `build/bundle`, and test them; arguments go to the builder."""
    _prepare_devkit(session)
    # The builder compiles bytecode with the Python version that the zips are for.
    pythons = [str(found.parent) for version in VERSIONS if (found := _interpreter(version))]
    path = os.pathsep.join([*pythons, os.environ.get("PATH", "")])
    _devkit(session, "-m", "thumbpipe_devkit.bundle", *session.posargs, env={"PATH": path})
    if not session.posargs:
        _devkit(session, "-m", "pytest", "tests/bundle")


@nox.session(python=False)
def plugin(session: nox.Session) -> None:
    """Run the LocalStack plugin's tests that need an engine."""
    _prepare_devkit(session)
    variables = {"THUMBPIPE_ENGINE_PYTHON": _devkit(session, "-m", "thumbpipe_devkit.engine", silent=True)}
    # Much of the time is waiting, but the Terraform provider uses the CPU. Each process has its own engines.
    _devkit(session, "-m", "pytest", "--numprocesses=4", "tests/engine", *session.posargs, env=variables)


@nox.session(python=False)
def e2e(session: nox.Session) -> None:
    """Run the end-to-end tests with real Terraform on a real engine; arguments are passed to pytest."""
    _prepare_devkit(session)
    folders = ["tests/e2e", "tests/devkit"]
    if _chromium():
        folders.append("tests/browser")
    else:
        session.warn("Chromium is not installed: the browser tests are skipped")
    # Most of the time is waiting: tests with their own stack run concurrently with those on the shared one.
    side_by_side = ("--numprocesses=2", "--dist=loadscope")
    _devkit(session, "-m", "pytest", *side_by_side, *folders, *session.posargs)


@nox.session(python=False)
def images(session: nox.Session) -> None:
    """Render public corpora and fuzzing finds, and check the results for metadata; arguments are passed to pytest."""
    _prepare_devkit(session)
    _devkit(session, "-m", "pytest", *(session.posargs or ["tests/images"]))


@nox.session(python=PYTHON, default=False)
def fuzz(session: nox.Session) -> None:
    """Fuzz the image engine: `-- --minutes N`; finds are stored in the cache folder."""
    _install(session, "fuzz")
    session.run("python", "-m", "images.fuzz.run", *session.posargs, env={"PYTHONPATH": f"{SOURCES}{os.pathsep}tests"})


@nox.session(python=False, default=False)
def bench(session: nox.Session) -> None:
    """Run a benchmark: `-- NAME` runs `benchmarks/NAME.py`, by default `pipeline`."""
    _prepare_devkit(session)
    name, *arguments = session.posargs or ["pipeline"]
    _devkit(session, f"benchmarks/{name}.py", *arguments)


@nox.session(python=PYTHON, default=False, name="format")
def format_(session: nox.Session) -> None:
    """Format the Python and Terraform files, apply Ruff's fixes, and write the generated pages."""
    _install(session, "lint")
    session.run("python", "-m", "ruff", "check", "--fix-only")
    session.run("python", "-m", "ruff", "format")
    if shutil.which("terraform"):
        session.run("terraform", "fmt", "-recursive", "infra", external=True)
    session.run("python", "-m", "thumbpipe_devkit.docs.reference", env={"PYTHONPATH": str(SOURCES)})
    session.run("python", "-m", "thumbpipe_devkit.docs.proofs", env={"PYTHONPATH": str(SOURCES)})


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


@functools.cache
def _built() -> list[Path]:
    """The wheel that this run has built, if any."""
    return []


def _wheel(session: nox.Session) -> Path:
    """Build the sdist, and the wheel from the sdist, once per run, which tests both."""
    if not _built():
        dist = HERE / "build" / "dist"
        shutil.rmtree(dist, ignore_errors=True)
        session.install(*_locked(LOCKS / "build.txt"))
        session.run("python", "-m", "build", "--no-isolation", "--outdir", str(dist), silent=True)
        _built().extend(dist.glob("*.whl"))
    return _built()[0]
