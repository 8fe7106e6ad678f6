"""The package's modules that a function imports, directly or indirectly."""

from pathlib import Path
from typing import Final

import grimp
from grimp.exceptions import SourceSyntaxError

from thumbpipe_devkit.bundle.errors import BundleError

ENTRY_POINTS: Final = "entrypoints"


def build_import_graph(package: str) -> grimp.ImportGraph:
    """Read all imports of the package, including those in functions, but not those for type checkers only.

    Raises:
        BundleError: The package cannot be found or has a syntax error.
    """
    try:
        return grimp.build_graph(package, exclude_type_checking_imports=True, cache_dir=None)
    except (ValueError, SourceSyntaxError) as error:
        raise BundleError(f"Cannot read the imports of {package}: {error}") from error


def reached_modules(graph: grimp.ImportGraph, package: str, function: str) -> frozenset[str]:
    """Follow the imports of a function's entry point.

    Args:
        graph: The package's imports.
        package: The package's name.
        function: The function's name; its entry point is `<package>.entrypoints.<function>`.

    Returns:
        Dotted names, the entry point and every parent package included: Python runs a parent's `__init__` first.

    Raises:
        BundleError: There is no such entry point.
    """
    entry = f"{package}.{ENTRY_POINTS}.{function}"
    if entry not in graph.modules:
        raise BundleError(f"The function {function} has no entry point: {entry} does not exist.")
    reached: set[str] = set()
    waiting = [entry]
    while waiting:
        module = waiting.pop()
        if module in reached:
            continue
        reached.add(module)
        waiting += graph.find_modules_directly_imported_by(module)
        if module != package:
            waiting.append(module.rpartition(".")[0])
    return frozenset(reached)


def module_file(root: Path, module: str) -> Path:
    """Find a module's file below the folder that holds its package."""
    path = root.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
