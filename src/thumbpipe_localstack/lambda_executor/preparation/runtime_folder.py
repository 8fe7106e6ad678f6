"""The packages that Lambda's runtime provides: awslambdaric and boto3, and nothing else of LocalStack's."""

import contextlib
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

_OFFERED: Final = ("awslambdaric", "boto3")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


def build_runtime_folder(folder: Path) -> Path:
    """Fill a folder with links to awslambdaric, boto3 and what they need.

    All of it is Python source, which every interpreter can use; interpreters ignore a native module that was not built
    for them. Nothing is downloaded.

    Args:
        folder: A folder that does not exist yet.
    """
    folder.mkdir(parents=True)
    for name in sorted(_collect_distributions()):
        for source in _list_top_level(metadata.distribution(name)):
            link = folder / source.name
            if not link.is_symlink():
                link.symlink_to(source)
    return folder


def _collect_distributions() -> set[str]:
    collected: set[str] = set()
    waiting = list(_OFFERED)
    while waiting:
        name = waiting.pop()
        if name in collected:
            continue
        with contextlib.suppress(metadata.PackageNotFoundError):  # a requirement of another platform
            waiting += _list_requirements(metadata.distribution(name))
            collected.add(name)
    return collected


def _list_requirements(distribution: metadata.Distribution) -> Iterator[str]:
    for requirement in distribution.requires or []:
        name = _NAME.match(requirement)
        if name and "extra ==" not in requirement:
            yield name[0].lower()


def _list_top_level(distribution: metadata.Distribution) -> set[Path]:
    tops = {file.parts[0] for file in distribution.files or [] if not file.parts[0].startswith((".", "__"))}
    return {Path(str(distribution.locate_file(top))).resolve() for top in tops}
