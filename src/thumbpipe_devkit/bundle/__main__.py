"""`python -m thumbpipe_devkit.bundle`: build the Lambda zips."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from thumbpipe_devkit.bundle.builder import FUNCTIONS, BuiltZip, build
from thumbpipe_devkit.bundle.errors import BundleError
from thumbpipe_devkit.bundle.target import ARCHITECTURES, DEFAULT_ARCHITECTURE, DEFAULT_PYTHON, GLIBC_MINORS, Target
from thumbpipe_devkit.errors import SetupError


def main(arguments: list[str] | None = None) -> int:
    """Build the zips and print a line for each.

    Returns:
        The exit status: 0, or 1 with the cause on standard error.
    """
    options = _parser().parse_args(arguments)
    try:
        if options.target == "host":
            target = Target.for_host(python=options.python)
        else:
            target = Target.for_lambda(
                python=options.python or DEFAULT_PYTHON, architecture=options.architecture or DEFAULT_ARCHITECTURE
            )
        built = build(target, options.out, functions=options.functions)
    except (BundleError, SetupError) as error:
        Console(stderr=True).print(str(error), markup=False, highlight=False, soft_wrap=True)
        return 1
    _show(built.values())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m thumbpipe_devkit.bundle", description="Build the Lambda zips.")
    parser.add_argument("--target", choices=("host", "lambda"), default="lambda", help="where they will run")
    parser.add_argument(
        "--architecture", choices=tuple(ARCHITECTURES), help=f"of Lambda's processors ({DEFAULT_ARCHITECTURE})"
    )
    parser.add_argument(
        "--python", choices=tuple(GLIBC_MINORS), help=f"Lambda: {DEFAULT_PYTHON}; host: the version that runs this"
    )
    parser.add_argument("--out", type=Path, default=Path("build/bundle"), help="folder for the zips (%(default)s)")
    parser.add_argument("functions", nargs="*", default=FUNCTIONS, help="functions to build (all)")
    return parser


def _show(built: Iterable[BuiltZip]) -> None:
    table = Table("function", "MB", "modules", "bytecode", "SHA-256", "zip")
    for one in built:
        table.add_row(
            one.function,
            f"{one.size / 1e6:.2f}",
            str(len(one.modules)),
            "yes" if one.has_bytecode else "no",
            one.sha256[:16],
            str(one.path),
        )
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
