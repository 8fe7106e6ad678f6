"""`python -m thumbpipe_devkit.docs.reference`: write docs/configuration.md from the Terraform files and the settings.

With `--check` nothing is written: the exit status says whether the page is up to date. The functions' settings are
parsed, not imported, so that the page can be generated without their dependencies.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import hcl2

from thumbpipe_devkit.docs.generated import write_or_check
from thumbpipe_devkit.paths import CHECKOUT

_PAGE: Final = Path("docs", "configuration.md")
_SETTINGS: Final = Path("src", "thumbpipe", "adapters", "settings.py")
_INFRA: Final = Path("infra")

_HEAD: Final = """\
# Configuration

<!-- Written by `nox -s format` from infra/*.tf and src/thumbpipe/adapters/settings.py. -->

Everything is set by Terraform's variables; the functions get their part as environment variables. What a variable
refuses, it says itself.
"""

_FOOT: Final = """\
AWS Lambda Powertools reads `POWERTOOLS_SERVICE_NAME` (the function), `POWERTOOLS_METRICS_NAMESPACE` (`name`),
`POWERTOOLS_LOG_LEVEL` (`log_level`) and `POWERTOOLS_TRACE_DISABLED` (`tracing`).
"""

# In the order in which a new stack needs them.
_CHANGED_FIRST: Final = {
    "name": "you deploy a second stack to the same account and region",
    "region": "photos must be stored in a region other than us-east-1",
    "thumbnail_widths": "your pages show thumbnails at other sizes",
    "thumbnail_formats": "you want AVIF, or need only one format",
    "max_upload_bytes": "photos are larger than 25 MiB, or you want a lower limit",
    "delivery": "images must not be public to anyone who knows their URL: `signed`",
    "original_downloads": "visitors may see thumbnails, but not download the photos",
    "aliases": "you use your own domain name (with `certificate_arn`)",
    "page_origins": "a page of another site uploads through this API",
    "maximum_concurrency": "photos wait too long in the queue, or processing them at once costs too much",
}

_TOPICS: Final = {
    "variables.tf": "The stack",
    "variables_functions.tf": "Functions, queue and catalog",
    "variables_images.tf": "Images",
    "variables_edge.tf": "The distribution",
    "variables_waf.tf": "The firewall",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One environment variable of the functions.

    Attributes:
        name: Its name.
        meaning: Its description.
        default: The default value; None if it is required.
        functions: The functions that read it.
    """

    name: str
    meaning: str
    default: str | None
    functions: tuple[str, ...]


def settings(source: str) -> tuple[Setting, ...]:
    """Read the settings from the module that defines them.

    Args:
        source: The module's text: `NAME = Variable(name=..., meaning=..., default=...)`, and classes called
            `<Function>Settings` that read them by `NAME.value(env)`, themselves or in functions that they call.
    """
    tree = ast.parse(source)
    helpers = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    readers = {
        node.name.removesuffix("Settings").lower(): _read_by(node, helpers)
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name.endswith("Settings")
    }
    return tuple(
        Setting(
            name=values["name"],
            meaning=values["meaning"],
            default=values.get("default"),
            functions=tuple(function for function, names in readers.items() if constant in names),
        )
        for constant, values in _variables(tree)
    )


def _read_by(node: ast.AST, helpers: Mapping[str, ast.FunctionDef]) -> frozenset[str]:
    """Return the constants whose `value` is read, directly or in functions of the same module."""
    names = set[str]()
    for part in ast.walk(node):
        match part:
            case ast.Attribute(value=ast.Name(id=constant), attr="value"):
                names.add(constant)
            case ast.Call(func=ast.Name(id=called)) if called in helpers:
                names |= _read_by(helpers[called], helpers)
    return frozenset(names)


def _variables(tree: ast.Module) -> Iterator[tuple[str, dict[str, str]]]:
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="Variable")) as call)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=ast.Name(id="Variable")) as call)
            ):
                yield (
                    name,
                    {
                        keyword.arg: keyword.value.value
                        for keyword in call.keywords
                        if keyword.arg
                        and isinstance(keyword.value, ast.Constant)
                        and isinstance(keyword.value.value, str)
                    },
                )


def _blocks(file: Path, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with file.open(encoding="utf-8") as text:
        for block in hcl2.load(text).get(kind, []):
            for name, body in block.items():
                yield _text(name), body


def _text(value: str) -> str:
    """Return a string's value: the parser keeps the quotes."""
    return str(json.loads(value)) if value.startswith('"') else value


def _type(value: str) -> str:
    kind = _text(value).removeprefix("${").removesuffix("}")
    return "object" if kind.startswith("object(") else kind


def _default(body: Mapping[str, Any]) -> str:
    if "default" not in body:
        return "required"
    value = body["default"]
    if isinstance(value, list):
        value = [_text(item) if isinstance(item, str) else item for item in value]
    elif isinstance(value, str):
        value = _text(value)
    return f"`{json.dumps(value)}`"


def _variable_rows(name: str, body: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Return a row for a variable, and one for each attribute of its objects."""
    kind = _type(body["type"])
    yield f"`{name}`", kind, _default(body), _text(body["description"])
    if kind == "object":
        for member, attributes in re.findall(r"(\w+) = optional\(object\({(.*?)}\)", body["type"]):
            for attribute, simple, default in re.findall(r"(\w+) = optional\((\w+), ([^)]+)\)", attributes):
                yield f"`{name}.{member}.{attribute}`", simple, f"`{default}`", "see above"


def setters(infra: Path) -> dict[str, str]:
    """Return which Terraform variable sets each environment variable."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(infra.glob("*.tf")))
    return dict(re.findall(r"\b((?:THUMBPIPE|POWERTOOLS)_[A-Z_]+) *= [^\n]*?\bvar\.(\w+)", text))


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines)


def page(checkout: Path) -> str:
    """Return the content of docs/configuration.md."""
    infra = checkout / _INFRA
    set_by = setters(infra)
    topics = {topic: dict(_blocks(infra / file, "variable")) for file, topic in _TOPICS.items()}
    every = {name: body for blocks in topics.values() for name, body in blocks.items()}
    first = ((f"`{name}`", _default(every[name]), why) for name, why in _CHANGED_FIRST.items())
    parts = [_HEAD, "## The ten most common\n", _table(["variable", "default", "change it when"], first)]
    parts += ["## Terraform's variables\n"]
    for topic, blocks in topics.items():
        rows = (row for name, body in blocks.items() for row in _variable_rows(name, body))
        parts += [f"### {topic}\n", _table(["variable", "type", "default", "meaning"], rows)]
    outputs = ((f"`{name}`", _text(body["description"])) for name, body in _blocks(infra / "outputs.tf", "output"))
    parts += ["## Terraform's outputs\n", _table(["output", "meaning"], outputs)]
    variables = (
        (
            f"`{setting.name}`",
            ", ".join(setting.functions),
            f"`{set_by[setting.name]}`" if setting.name in set_by else "the stack's own name for it",
            "required" if setting.default is None else f"`{setting.default}`",
            setting.meaning,
        )
        for setting in settings((checkout / _SETTINGS).read_text(encoding="utf-8"))
    )
    parts += [
        "## The functions' environment\n",
        _table(["environment variable", "functions", "set by", "default", "meaning"], variables),
        _FOOT,
    ]
    return "\n".join(parts)


def main(arguments: Sequence[str]) -> int:
    """Write the page, or check it.

    Returns:
        The exit status: 1 where `--check` finds the page out of date.
    """
    return write_or_check(_PAGE, page, arguments, CHECKOUT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
