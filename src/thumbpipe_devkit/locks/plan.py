"""The list of locks and their inputs."""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.dependency_groups import resolve_dependency_groups

from thumbpipe_devkit.engine.platforms import LOCALSTACK_BY_PYTHON

FOLDER: Final = Path("locks")
FUNCTIONS: Final = Path("src", "thumbpipe_devkit", "bundle", "requirements")
_PLUGIN: Final = Path("src", "thumbpipe_localstack")  # with its pyproject.toml, and LocalStack's constraints

# The dependency groups with environments; the others are included by these.
ENVIRONMENTS: Final = (
    "bench-lambda",
    "bench-scorer",
    "browser",
    "build",
    "checkov",
    "e2e",
    "fuzz",
    "lint",
    "lock",
    "nox",
    "types",
    "unit",
)
# The groups of environments that need the product's own dependencies.
_WITH_THE_PRODUCT: Final = ("types", "unit")

_PYTHONS: Final = ("3.11", "3.12", "3.13")
# nox itself may run on other versions than the tested ones.
_NOX_PYTHONS: Final = ("3.10", *_PYTHONS, "3.14")

# cffi's compiled modules do not need pycparser, which it requires by an environment marker. The X-Ray SDK requires
# botocore, which is part of the Lambda runtime.
_NOT_IN_ZIPS: Final = ("pycparser", "botocore", "python-dateutil", "six", "urllib3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """One lock and its inputs.

    Attributes:
        file: Its path relative to the checkout.
        requirements: The inputs, in pip's syntax.
        constraints: Exact versions for indirect dependencies.
        pythons: The Python versions that it is for, oldest first.
        environment: A marker that limits it; empty for all later Python versions, too.
        omitted: Packages that are left out.
    """

    file: Path
    requirements: tuple[str, ...]
    constraints: tuple[str, ...] = ()
    pythons: tuple[str, ...] = _PYTHONS
    environment: str = ""
    omitted: tuple[str, ...] = ()

    def digest(self) -> str:
        """Hash the inputs: SHA-256, in hexadecimal."""
        unordered = (sorted(self.requirements), sorted(self.constraints), sorted(self.omitted))
        inputs = (*unordered, self.pythons, self.environment)
        return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()


def plan(checkout: Path) -> tuple[Lock, ...]:
    """List every lock of a checkout: nox's environments, the engine's, the zips'.

    Raises:
        OSError: An input file is missing.
    """
    return (*_environments(checkout), *_engines(checkout), *_functions(checkout))


def _environments(checkout: Path) -> Iterator[Lock]:
    pyproject = _load(checkout / "pyproject.toml")
    project = pyproject["project"]
    product = (*project["dependencies"], *project["optional-dependencies"]["cli"])
    for name in ENVIRONMENTS:
        group = resolve_dependency_groups(pyproject["dependency-groups"], name)
        yield Lock(
            file=FOLDER / f"{name}.txt",
            requirements=(*group, *(product if name in _WITH_THE_PRODUCT else ())),
            pythons=_NOX_PYTHONS if name == "nox" else _PYTHONS,
        )


def _engines(checkout: Path) -> Iterator[Lock]:
    plugin = _load(checkout / _PLUGIN / "pyproject.toml")["project"]["dependencies"]
    for version in sorted(set(LOCALSTACK_BY_PYTHON.values())):
        pythons = sorted(python for python, its in LOCALSTACK_BY_PYTHON.items() if its == version)
        major, newest = pythons[-1]
        yield Lock(
            file=FOLDER / f"engine-{version}.txt",
            requirements=(f"localstack-core[runtime]=={version}", *plugin),
            constraints=_lines(checkout / _PLUGIN / f"constraints-{version}.txt"),
            pythons=tuple(f"{major}.{minor}" for major, minor in pythons),
            environment=f"python_version < '{major}.{newest + 1}'",  # its pins do not support later ones
        )


def _functions(checkout: Path) -> Iterator[Lock]:
    for inputs in sorted((checkout / FUNCTIONS).glob("*.in")):
        yield Lock(
            file=FUNCTIONS / f"{inputs.stem}.txt",
            requirements=_lines(inputs),
            omitted=_NOT_IN_ZIPS,
        )


def _load(file: Path) -> Mapping[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _lines(file: Path) -> tuple[str, ...]:
    lines = (line.partition("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines())
    return tuple(filter(None, lines))
