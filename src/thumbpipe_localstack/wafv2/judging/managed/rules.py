"""Building blocks of managed rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from thumbpipe_localstack.wafv2.judging.matching import Test, compile_regex, compile_size
from thumbpipe_localstack.wafv2.judging.scope import Matches, Scope
from thumbpipe_localstack.wafv2.judging.statements import compile_test

Field = Mapping[str, Any]

ARGUMENTS: Final[Field] = {"AllQueryArguments": {}}
BODY: Final[Field] = {"Body": {"OversizeHandling": "CONTINUE"}}
COOKIES: Final[Field] = {"SingleHeader": {"Name": "cookie"}}
HEADERS: Final[Field] = {
    "Headers": {"MatchPattern": {"All": {}}, "MatchScope": "VALUE", "OversizeHandling": "CONTINUE"}
}
METHOD: Final[Field] = {"Method": {}}
PATH: Final[Field] = {"UriPath": {}}
QUERY: Final[Field] = {"QueryString": {}}


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedRule:
    """A rule of a managed group.

    Attributes:
        name: AWS's name.
        label: AWS's label, without the group's namespace.
        compile: Compiles its statement.
        action: AWS's action.
    """

    name: str
    label: str
    compile: Callable[[Scope], Matches]
    action: str = "BLOCK"


def looks_at(field: Field, test: Test, *transformations: str) -> Callable[[Scope], Matches]:
    """Return a function that compiles a test of a field."""
    steps = [{"Priority": index, "Type": each} for index, each in enumerate(transformations)]
    statement = {"FieldToMatch": field, "TextTransformations": steps}
    return lambda scope: compile_test(statement, scope, test)


def any_of(*patterns: str) -> Test:
    """Return a test for patterns, case-insensitive."""
    return compile_regex(f"(?is){'|'.join(f'(?:{pattern})' for pattern in patterns)}".encode())


def longer_than(size: int) -> Test:
    """Return a test for a size above a limit in bytes."""
    return compile_size("GT", size)
