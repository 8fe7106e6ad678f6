from typing import Any, Final

import pytest

from thumbpipe_localstack.iam.conditions import Condition, Context, matches_glob


def _holds(operator: str, key: str, wanted: Any, context: Context) -> bool:  # noqa: ANN401 - any JSON
    return Condition.parse(operator, key, wanted).holds(context)


@pytest.mark.parametrize(
    ("operator", "wanted", "actual", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", "a*", "ab", False),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringNotEqualsIgnoreCase", "a", "A", False),
        ("StringLike", "a*c?", "abbcd", True),
        ("StringLike", "a.c", "abc", False),
        ("StringNotLike", "a*", "abc", False),
        ("NumericEquals", 10, "10.0", True),
        ("NumericNotEquals", "10", "11", True),
        ("NumericLessThan", "10", "9", True),
        ("NumericLessThan", "10", "ten", False),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericGreaterThan", "10", "10", False),
        ("NumericGreaterThanEquals", "10", "10", True),
        ("DateEquals", "2026-11-25T00:00:00Z", "1795564800", True),
        ("DateEquals", "2026-11-25", "2026-11-25T00:00:00Z", True),
        ("DateLessThan", "99999999999999999999-01-01", "2026-11-25T00:00:00Z", False),
        ("DateGreaterThan", "0001-01-01T00:00:00+23:59", "2026-11-25T00:00:00Z", True),
        ("DateLessThan", "9999-12-31T23:59:59-23:59", "2026-11-25T00:00:00Z", True),
        ("DateNotEquals", "2026-11-25T00:00:00Z", "2026-11-25T00:00:00Z", False),
        ("DateLessThan", "2026-11-25T00:00:00Z", "2026-11-24T23:59:59Z", True),
        ("DateLessThanEquals", "2026-11-25T00:00:00Z", "2026-11-25T00:00:00Z", True),
        ("DateGreaterThan", "2026-11-25T00:00:00Z", "2026-11-25T00:00:00Z", False),
        ("DateGreaterThanEquals", "2026-11-25T00:00:00Z", "2026-11-25T00:00:00Z", True),
        ("Bool", True, "true", True),
        ("Bool", "false", "true", False),
        ("BinaryEquals", "YQ==", "YQ==", True),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
        ("IpAddress", "10.0.0.0/8", "11.1.2.3", False),
        ("NotIpAddress", ["10.0.0.0/8", "11.0.0.0/8"], "11.1.2.3", False),
        ("ArnLike", "arn:aws:s3:::b*", "arn:aws:s3:::bucket", True),
        ("ArnEquals", "arn:aws:sns:*:1:t", "arn:aws:sns:us-east-1:1:t", True),
        ("ArnEquals", "arn:aws:*:t", "arn:aws:sns:us-east-1:1:t", False),
        ("ArnNotLike", "arn:aws:s3:::b*", "arn:aws:s3:::bucket", False),
        ("ArnNotEquals", "arn:aws:s3:::b", "arn:aws:s3:::c", True),
    ],
)
# pytest passes what is parametrized by its name.
def test_an_operator_compares_as_iam_documents(operator: str, wanted: object, actual: str, expected: bool) -> None:  # noqa: FBT001
    assert _holds(operator, "k", wanted, {"k": (actual,)}) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("ArnNotLikeIfExists", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEqualsIfExists", True),
    ],
)
def test_a_key_that_the_request_lacks(operator: str, expected: bool) -> None:  # noqa: FBT001
    assert _holds(operator, "k", "a", {}) is expected


@pytest.mark.parametrize(
    ("operator", "actual", "expected"),
    [
        ("ForAllValues:StringEquals", ("a", "b"), True),
        ("ForAllValues:StringEquals", ("a", "c"), False),
        ("ForAnyValue:StringEquals", ("c", "b"), True),
        ("ForAnyValue:StringEquals", ("c", "d"), False),
        ("ForAnyValue:StringNotEquals", ("a", "c"), True),
        ("ForAllValues:StringNotEquals", ("a", "c"), False),
        ("StringNotEquals", ("a", "c"), False),
    ],
)
def test_a_key_with_several_values(operator: str, actual: tuple[str, ...], expected: bool) -> None:  # noqa: FBT001
    assert _holds(operator, "k", ["a", "b"], {"k": actual}) is expected


@pytest.mark.parametrize(("wanted", "context", "expected"), [
    ("true", {}, True),
    ("true", {"k": ("a",)}, False),
    ("false", {"k": ("a",)}, True),
    (False, {}, False),
])  # fmt: skip
def test_null_tests_whether_the_key_exists(wanted: object, context: Context, expected: bool) -> None:  # noqa: FBT001
    assert _holds("Null", "k", wanted, context) is expected


def test_keys_are_the_same_in_upper_and_lower_case() -> None:
    assert _holds("StringEquals", "AWS:UserName", "ann", {"aws:username": ("ann",)})


def test_an_operator_that_iam_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="StringIs"):
        Condition.parse("StringIs", "k", "a")


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("home/${aws:username}/*", "home/ann/x", True),
        ("home/${aws:username}/*", "home/bob/x", False),
        ("home/${aws:UserName}", "home/ann", True),
        ("home/${aws:missing}/*", "home//x", False),
        ("home/${aws:missing, 'all'}", "home/all", True),
        ("a${*}b", "a*b", True),
        ("a${*}b", "axb", False),
        ("a${?}b${$}", "a?b$", True),
        ("line\nbreak*", "line\nbreak\nmore", True),
    ],
)
def test_policy_variables_are_filled_in(pattern: str, value: str, expected: bool) -> None:  # noqa: FBT001
    assert matches_glob(pattern, value, {"aws:username": ("ann",)}) is expected


def test_a_wildcard_in_a_variables_value_is_literal() -> None:
    context = {"aws:username": ("*",)}

    assert not matches_glob("home/${aws:username}/x", "home/ann/x", context)
    assert matches_glob("home/${aws:username}/x", "home/*/x", context)


def test_a_variable_in_a_compared_value() -> None:
    context = {"s3:prefix": ("home/ann",), "aws:username": ("ann",)}

    assert _holds("StringEquals", "s3:prefix", "home/${aws:username}", context)
    assert not _holds("StringEquals", "s3:prefix", "home/${aws:nobody}", context)


def test_a_variable_of_several_values_has_none() -> None:
    several: Context = {"x": ("a",), "team": ("a", "b")}

    assert not _holds("StringEquals", "x", "${team}", several)
    assert not matches_glob("${team}", "a", several)
    assert matches_glob("${team}", "a", {"team": ("a",)})
    assert matches_glob("${team, 'a'}", "a", several), "its default is for that, too"


TOPIC: Final = "arn:aws:sns:eu-west-1:111122223333:topic"
CALLER: Final[Context] = {
    "aws:sourcearn": (TOPIC,),
    "aws:requestedregion": ("eu-west-1",),
    "aws:principalaccount": ("111122223333",),
    "aws:principaltag/name": ("topic",),
    "aws:principaltag/star": ("*",),
    "aws:principaltag/whole": (TOPIC,),
    "aws:principaltag/half": ("aws:sns",),
}


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("arn:aws:sns:${aws:RequestedRegion}:111122223333:topic", True),
        ("arn:aws:sns:*:${aws:PrincipalAccount}:*", True),
        ("arn:aws:sns:*:*:${aws:PrincipalTag/name}", True),
        ("arn:aws:sns:${aws:RequestedRegion}:${aws:PrincipalAccount}:${aws:PrincipalTag/name}", True),
        ("arn:aws:sns:*:${aws:None, '111122223333'}:*", True),
        ("${aws:PrincipalTag/whole}", True),
        ("arn:${aws:PrincipalTag/half}:*:*:topic", True),
        ("arn:aws:sns:*:*:${aws:PrincipalTag/star}", False),  # a wildcard in a value is no wildcard
        ("arn:aws:sns:*:*:${*}", False),
        ("arn:aws:sns:*:${aws:RequestedRegion}:*", False),
        ("arn:aws:sns:*:${aws:None}:*", False),
    ],
)
@pytest.mark.parametrize("operator", ["ArnLike", "ArnEquals"])
def test_variables_in_an_arn_are_filled_in_before_it_is_compared(operator: str, pattern: str, matches: bool) -> None:  # noqa: FBT001
    negated = operator.replace("Arn", "ArnNot")

    assert _holds(operator, "aws:SourceArn", pattern, CALLER) is matches
    assert _holds(negated, "aws:SourceArn", pattern, CALLER) is not matches
    assert _holds(f"ForAllValues:{operator}", "aws:SourceArn", ["arn:aws:sns:::", pattern], CALLER) is matches
