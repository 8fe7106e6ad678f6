"""`python -m thumbpipe_devkit.style FOLDER…`: the rules of style that Ruff has no check for.

- A caught exception is named `error`.
- A module's constants are `Final`, each assigned on its own.
- `# noqa: CODE - reason`. The reason may stand in a comment on the line above, and is given once a file and code.
- A dataclass describes its fields under `Attributes:`.
"""

import ast
import inspect
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CONSTANT: Final = re.compile(r"_?[A-Z][A-Z0-9_]+")
_NO_CONSTANTS: Final = {"TYPE_CHECKING"}  # set where importing `typing` takes too long
_TYPE_PARAMETERS: Final = {"TypeVar", "ParamSpec", "TypeVarTuple", "NewType"}
_NOQA: Final = re.compile(r"#\s*noqa\b(?P<rest>[^#]*)", re.IGNORECASE)
_FORM: Final = re.compile(r": (?P<codes>[A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)*)(?P<reason> - \S.*)?")
_ATTRIBUTES: Final = "\nAttributes:\n"
_ATTRIBUTE: Final = re.compile(r"^ {4}(?P<name>\w+): ", re.MULTILINE)
_SECTION: Final = re.compile(r"\n\n(?=\S)")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A violation of the style.

    Attributes:
        line: The line's number.
        message: What to do.
    """

    line: int
    message: str


def check(source: str) -> list[Finding]:
    """Check a module's source.

    Raises:
        SyntaxError: The source is not valid Python.
    """
    tree = ast.parse(source)
    found = [*_check_handlers(tree), *_check_constants(tree), *_check_dataclasses(tree), *_check_noqa(source)]
    return sorted(found)


def _check_handlers(tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.name not in (None, "error"):
            yield Finding(node.lineno, f"name the exception `error`, not `{node.name}`")


def _check_constants(tree: ast.Module) -> Iterator[Finding]:
    for node in tree.body:
        names = [name for name in _assigned(node) if name not in _NO_CONSTANTS and _CONSTANT.fullmatch(name)]
        if names:
            advice = "is not Final" if len(names) == 1 else "are not Final: assign one at a time"
            yield Finding(node.lineno, f"{', '.join(names)} {advice}")


def _assigned(node: ast.stmt) -> list[str]:
    """Return the names that a statement assigns without Final, except type parameters."""
    targets: list[ast.expr]
    if isinstance(node, ast.AnnAssign) and not _is_final(node.annotation):
        targets = [node.target]
    elif isinstance(node, ast.Assign) and not _makes_type_parameter(node.value):
        targets = node.targets
    else:
        return []
    return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]


def _makes_type_parameter(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in _TYPE_PARAMETERS


def _is_final(annotation: ast.expr) -> bool:
    annotation = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return isinstance(annotation, ast.Name) and annotation.id == "Final"


def _check_noqa(source: str) -> Iterator[Finding]:
    explained: set[str] = set()
    commented = -1  # the last line that contains only a comment
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        comment = _NOQA.search(token.string) if token.type == tokenize.COMMENT else None
        if comment is None:
            commented = token.start[0] if token.line.lstrip().startswith("#") else commented
            continue
        form = _FORM.fullmatch(comment["rest"].rstrip())
        if form is None:
            yield Finding(token.start[0], "write `# noqa: CODE - reason`")
            continue
        codes = set(form["codes"].split(", "))
        if form["reason"] or commented == token.start[0] - 1:
            explained |= codes
        elif unexplained := codes - explained:
            yield Finding(token.start[0], f"give a reason: `# noqa: {', '.join(sorted(unexplained))} - reason`")


def _check_dataclasses(tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(map(_is_dataclass, node.decorator_list)):
            yield from _check_dataclass(node)


def _is_dataclass(decorator: ast.expr) -> bool:
    decorator = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")
    return name == "dataclass"


def _check_dataclass(node: ast.ClassDef) -> Iterator[Finding]:
    annotated = (each.target for each in node.body if isinstance(each, ast.AnnAssign))
    fields = {target.id for target in annotated if isinstance(target, ast.Name)}
    members = fields | {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
    for field, after in zip(node.body, node.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            yield Finding(after.lineno, f"describe the fields of {node.name} under `Attributes:`")
    docstring = inspect.cleandoc(ast.get_docstring(node) or "")
    before, _, described = f"{docstring}\n".partition(_ATTRIBUTES)
    described = _SECTION.split(described)[0]
    if "\nArgs:\n" in before:
        yield Finding(node.lineno, f"{node.name} is a dataclass: its fields are `Attributes:`, not `Args:`")
    if mentioned := sorted(name for name in fields if f"`{name}`" in before):
        yield Finding(node.lineno, f"describe {', '.join(mentioned)} of {node.name} under `Attributes:`")
    if unknown := sorted({each["name"] for each in _ATTRIBUTE.finditer(described)} - members):
        yield Finding(node.lineno, f"{node.name} has no {', '.join(unknown)}")


def _modules(places: Iterable[Path]) -> Iterator[Path]:
    for place in places:
        yield from [place] if place.is_file() else sorted(place.rglob("*.py"))


def main(arguments: list[str]) -> int:
    """Check the modules of some folders.

    Args:
        arguments: The folders, or files.

    Returns:
        The exit status: 1 if there are violations.
    """
    status = 0
    for module in _modules(map(Path, arguments)):
        for finding in check(module.read_text(encoding="utf-8")):
            sys.stderr.write(f"{module}:{finding.line}: {finding.message}\n")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
