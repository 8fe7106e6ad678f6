"""Builds one zip per function."""

import hashlib
import importlib.util
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thumbpipe_devkit.bundle import archive, bytecode, closure, dependencies
from thumbpipe_devkit.bundle.errors import BundleError
from thumbpipe_devkit.bundle.target import Target
from thumbpipe_devkit.paths import cache_folder

FUNCTIONS: Final = ("uploads", "gallery", "thumbnailer")
REQUIREMENTS: Final = Path(__file__).with_name("requirements")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The sources of the zips.

    Attributes:
        package: The importable package with one entry point per function.
        requirements: The folder with `<function>.txt`, the locked dependencies.
    """

    package: str = "thumbpipe"
    requirements: Path = REQUIREMENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltZip:
    """A function's zip.

    Attributes:
        function: The function's name.
        path: Where the zip is.
        size: In bytes.
        sha256: SHA-256 in hexadecimal.
        modules: The package's modules in it: dotted names, sorted.
        has_bytecode: Whether its modules are compiled; if not, cold starts take longer.
    """

    function: str
    path: Path
    size: int
    sha256: str
    modules: tuple[str, ...]
    has_bytecode: bool


def build(
    target: Target,
    out: Path,
    *,
    functions: Iterable[str] = FUNCTIONS,
    source: Source = Source(),
    cache: Path | None = None,
) -> dict[str, BuiltZip]:
    """Build the functions' zips.

    Args:
        target: Where they will run.
        out: The folder for them; it is made.
        functions: Their names.
        source: The package and its locked dependencies.
        cache: The folder that caches packed dependencies; the user's cache folder by default.

    Returns:
        The built zips, by function name.

    Raises:
        BundleError: The message names the cause and the solution.
    """
    cache = (cache or cache_folder()) / "bundle"
    names = tuple(functions)
    graph = closure.build_import_graph(source.package)
    modules = {name: closure.reached_modules(graph, source.package, name) for name in names}
    with _disk_errors_explained(out):
        out.mkdir(parents=True, exist_ok=True)
        sources = _read_modules(_source_root(source.package), frozenset().union(*modules.values()), target)
        built = {}
        for name in names:
            packed = dependencies.pack(source.requirements / f"{name}.txt", target, cache)
            files = {path: content for module in modules[name] for path, content in sources[module].items()}
            archive.write_zip(out / f"{name}.zip", files, base=packed)
            built[name] = _describe(out / f"{name}.zip", name, modules[name], target)
    return built


def _describe(path: Path, name: str, modules: frozenset[str], target: Target) -> BuiltZip:
    content = path.read_bytes()
    return BuiltZip(
        function=name,
        path=path,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        modules=tuple(sorted(modules)),
        has_bytecode=bytecode.find_interpreter(target.python) is not None,
    )


def _source_root(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise BundleError(f"The package {package} is not importable here.")
    return Path(spec.origin).parent.parent


def _read_modules(root: Path, modules: frozenset[str], target: Target) -> dict[str, dict[str, bytes]]:
    """Read and compile sources: {module: {name in the zip: content}}."""
    interpreter = bytecode.find_interpreter(target.python)
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary)
        names = {module: closure.module_file(root, module).relative_to(root) for module in modules}
        for name in names.values():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((root / name).read_bytes())
        if interpreter:
            bytecode.compile_folder(copy, interpreter[0])
        return {module: _read_module(copy, name) for module, name in names.items()}


def _read_module(root: Path, name: Path) -> dict[str, bytes]:
    paths = [root / name, *(root / name).parent.glob(f"__pycache__/{name.stem}.*.pyc")]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


@contextmanager
def _disk_errors_explained(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BundleError(f"Cannot write the zips to {out}: {error.strerror or error} ({error.filename}).") from error
