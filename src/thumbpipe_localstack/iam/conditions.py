"""The Condition element of a policy: operators, their modifiers, and policy variables."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Final

Context = Mapping[str, tuple[str, ...]]
"""A request's context: condition keys in lower case, with their values."""

_TOKEN: Final = re.compile(r"\$\{([^}]*)\}|\*|\?")
_LITERAL_VARIABLES: Final = ("*", "?", "$")
_SPECIAL: Final = re.compile(r"[*?$]")
_ARN_PARTS: Final = 6


def _lookup(variable: str, context: Context) -> str | None:
    name, has_default, default = variable.partition(",")
    values = context.get(name.strip().lower(), ())
    if len(values) == 1:
        return values[0]
    return default.strip().strip("'") if has_default else None


def expand(text: str, context: Context) -> str | None:
    """Return a text with its ``${variables}`` filled in, or None if one of them has no value."""
    if "${" not in text:
        return text
    parts, position = [], 0
    for token in _TOKEN.finditer(text):
        name = token.group(1)
        if name is None:
            continue
        value = name if name in _LITERAL_VARIABLES else _lookup(name, context)
        if value is None:
            return None
        parts += [text[position : token.start()], value]
        position = token.end()
    return "".join([*parts, text[position:]])


@lru_cache(maxsize=4096)
def _compile_glob(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(char) or re.escape(char) for char in pattern), re.DOTALL)


def _compile_with_variables(pattern: str, context: Context) -> re.Pattern[str] | None:
    parts, position = [], 0
    for token in _TOKEN.finditer(pattern):
        parts.append(re.escape(pattern[position : token.start()]))
        position = token.end()
        name = token.group(1)
        if name is None:
            parts.append(".*" if token.group() == "*" else ".")
            continue
        value = name if name in _LITERAL_VARIABLES else _lookup(name, context)
        if value is None:
            return None
        parts.append(re.escape(value))  # a `*` in a variable's value is literal
    return re.compile("".join([*parts, re.escape(pattern[position:])]), re.DOTALL)


def matches_glob(pattern: str, value: str, context: Context) -> bool:
    """Return whether a value matches a pattern with ``*``, ``?`` and ``${variables}``."""
    compiled = _compile_with_variables(pattern, context) if "${" in pattern else _compile_glob(pattern)
    return compiled is not None and compiled.fullmatch(value) is not None


def _matches_arn(pattern: str, value: str, context: Context) -> bool:
    """Compare ARNs part by part, so that a ``*`` does not match across a colon."""
    # Variables first: their names contain colons, and so may their values.
    expanded = _fill_in(pattern, context)
    if expanded is None:
        return False
    wanted, actual = expanded.split(":", _ARN_PARTS - 1), value.split(":", _ARN_PARTS - 1)
    if len(wanted) != len(actual):
        return False
    return all(matches_glob(part, found, context) for part, found in zip(wanted, actual, strict=True))


def _fill_in(pattern: str, context: Context) -> str | None:
    """Return a pattern with the values of its variables, or None where one has no value.

    A wildcard in a value is no wildcard: it is written as the variable that stands for itself, such as ``${*}``.
    """
    parts, position = [], 0
    for token in _TOKEN.finditer(pattern):
        name = token.group(1)
        if name is None or name in _LITERAL_VARIABLES:
            continue
        value = _lookup(name, context)
        if value is None:
            return None
        parts += [pattern[position : token.start()], _SPECIAL.sub(r"${\g<0>}", value)]
        position = token.end()
    return "".join([*parts, pattern[position:]])


def _parse_date(text: str) -> float:
    if text.replace(".", "", 1).isdigit():
        return float(text)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _in_network(wanted: str, actual: str) -> bool:
    return ip_address(actual) in ip_network(wanted, strict=False)


_Test = Callable[[str, str, Context], bool]


def _literal(test: Callable[[str, str], bool]) -> _Test:
    """Wrap a comparison of two texts: fill in variables, and return False for a text of the wrong type."""

    def run(wanted: str, actual: str, context: Context) -> bool:
        expanded = expand(wanted, context)
        try:
            return expanded is not None and test(expanded, actual)
        except (OverflowError, ValueError):
            return False

    return run


_TESTS: Final[dict[str, _Test]] = {
    "string": _literal(lambda wanted, actual: actual == wanted),
    "stringignorecase": _literal(lambda wanted, actual: actual.casefold() == wanted.casefold()),
    "stringlike": matches_glob,
    "numeric": _literal(lambda wanted, actual: float(actual) == float(wanted)),
    "numericless": _literal(lambda wanted, actual: float(actual) < float(wanted)),
    "numericlessequal": _literal(lambda wanted, actual: float(actual) <= float(wanted)),
    "numericgreater": _literal(lambda wanted, actual: float(actual) > float(wanted)),
    "numericgreaterequal": _literal(lambda wanted, actual: float(actual) >= float(wanted)),
    "date": _literal(lambda wanted, actual: _parse_date(actual) == _parse_date(wanted)),
    "dateless": _literal(lambda wanted, actual: _parse_date(actual) < _parse_date(wanted)),
    "datelessequal": _literal(lambda wanted, actual: _parse_date(actual) <= _parse_date(wanted)),
    "dategreater": _literal(lambda wanted, actual: _parse_date(actual) > _parse_date(wanted)),
    "dategreaterequal": _literal(lambda wanted, actual: _parse_date(actual) >= _parse_date(wanted)),
    "ip": _literal(_in_network),
    "arn": _matches_arn,
}

# IAM's operators: the comparison, and whether its result is negated.
_OPERATORS: Final[dict[str, tuple[_Test, bool]]] = {
    "stringequals": (_TESTS["string"], False),
    "stringnotequals": (_TESTS["string"], True),
    "stringequalsignorecase": (_TESTS["stringignorecase"], False),
    "stringnotequalsignorecase": (_TESTS["stringignorecase"], True),
    "stringlike": (_TESTS["stringlike"], False),
    "stringnotlike": (_TESTS["stringlike"], True),
    "numericequals": (_TESTS["numeric"], False),
    "numericnotequals": (_TESTS["numeric"], True),
    "numericlessthan": (_TESTS["numericless"], False),
    "numericlessthanequals": (_TESTS["numericlessequal"], False),
    "numericgreaterthan": (_TESTS["numericgreater"], False),
    "numericgreaterthanequals": (_TESTS["numericgreaterequal"], False),
    "dateequals": (_TESTS["date"], False),
    "datenotequals": (_TESTS["date"], True),
    "datelessthan": (_TESTS["dateless"], False),
    "datelessthanequals": (_TESTS["datelessequal"], False),
    "dategreaterthan": (_TESTS["dategreater"], False),
    "dategreaterthanequals": (_TESTS["dategreaterequal"], False),
    "bool": (_TESTS["stringignorecase"], False),
    "binaryequals": (_TESTS["string"], False),
    "ipaddress": (_TESTS["ip"], False),
    "notipaddress": (_TESTS["ip"], True),
    "arnequals": (_TESTS["arn"], False),
    "arnlike": (_TESTS["arn"], False),
    "arnnotequals": (_TESTS["arn"], True),
    "arnnotlike": (_TESTS["arn"], True),
}


def as_texts(value: object) -> tuple[str, ...]:
    """Return a policy's value, single or a list, as texts: JSON's true becomes the condition value ``true``."""
    values: Iterable[object] = value if isinstance(value, list) else [value]
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One operator of a Condition element, with one key and the values to compare it with."""

    operator: str
    key: str
    values: tuple[str, ...]
    quantifier: str = ""
    if_exists: bool = False

    @classmethod
    def parse(cls, name: str, key: str, value: object) -> "Condition":
        """Parse an operator such as ``ForAllValues:StringLikeIfExists``.

        Raises:
            ValueError: IAM has no such operator.
        """
        quantifier, _, operator = name.lower().rpartition(":")
        if_exists = operator.endswith("ifexists")
        operator = operator.removesuffix("ifexists")
        if operator != "null" and operator not in _OPERATORS:
            raise ValueError(f"unknown condition operator: {name}")
        return cls(
            operator=operator, key=key.lower(), values=as_texts(value), quantifier=quantifier, if_exists=if_exists
        )

    def holds(self, context: Context) -> bool:
        """Return whether a request with this context meets the condition."""
        actual = context.get(self.key, ())
        if self.operator == "null":
            return (not actual) == (self.values[0].lower() == "true")
        test, negated = _OPERATORS[self.operator]

        def passes(value: str) -> bool:
            return any(test(wanted, value, context) for wanted in self.values) != negated

        if self.quantifier == "forallvalues":
            return all(passes(value) for value in actual)  # true for a key without a value, as IAM documents
        if not actual:
            return self.if_exists or (negated and not self.quantifier)
        if self.quantifier == "foranyvalue" or not negated:
            return any(passes(value) for value in actual)
        return all(passes(value) for value in actual)
