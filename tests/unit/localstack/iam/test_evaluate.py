import json
from typing import Any, Final

import pytest

from thumbpipe_localstack.iam.evaluate import Policy, PolicySet, Request, compile_policy, find_refusal

ROLE: Final = "arn:aws:iam::111122223333:role/app"
SESSION: Final = "arn:aws:sts::111122223333:assumed-role/app/run"
OBJECT: Final = "arn:aws:s3:::photos/raw/a.jpg"

Statement = dict[str, Any]


def _policy(*statements: Statement) -> Policy:
    return compile_policy(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def _allow(**elements: object) -> Statement:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **elements}


def _deny(**elements: object) -> Statement:
    return {**_allow(**elements), "Effect": "Deny"}


def _request(action: str = "s3:GetObject", resource: str = OBJECT, **context: str) -> Request:
    values = {key.replace("_", ":"): (value,) for key, value in context.items()}
    return Request(
        action=action, resource=resource, account="111122223333", name=SESSION, role=ROLE, context=values
    )  # fmt: skip


def _refusal(
    *identity: Statement,
    request: Request | None = None,
    resource: list[Statement] | None = None,
    boundary: list[Statement] | None = None,
    session: list[Statement] | None = None,
    resource_decides: bool = False,
) -> str | None:
    policies = PolicySet(
        identity=(_policy(*identity),) if identity else (),
        boundary=None if boundary is None else _policy(*boundary),
        session=() if session is None else (_policy(*session),),
        resource=None if resource is None else _policy(*resource),
        resource_decides=resource_decides,
    )
    return find_refusal(policies, request or _request())


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"Action": "*"},
        {"Action": "s3:*"},
        {"Action": "S3:getobject"},
        {"Action": ["s3:PutObject", "s3:Get*"]},
        {"Resource": OBJECT},
        {"Resource": "arn:aws:s3:::photos/*"},
        {"Resource": ["arn:aws:s3:::other", "arn:aws:s3:::photos/raw/?.jpg"]},
        {"Resource": "arn:aws:s3:::${s3:bucket}/*"},
        {"Condition": {"StringEquals": {"s3:bucket": "photos"}}},
    ],
)
def test_a_statement_that_matches_allows(elements: Statement) -> None:
    assert _refusal(_allow(**elements), request=_request(s3_bucket="photos")) is None


@pytest.mark.parametrize(
    "elements",
    [
        {"Action": "s3:GetObjectVersion"},
        {"Action": "dynamodb:*"},
        {"Resource": "arn:aws:s3:::photos"},
        {"Resource": "arn:aws:s3:::photos/RAW/*"},
        {"Resource": "arn:aws:s3:::${aws:username}/*"},
        {"Condition": {"StringEquals": {"s3:bucket": "photos", "aws:username": "ann"}}},
        {"Condition": {"StringEquals": {"s3:bucket": "photos"}, "Bool": {"aws:mfa": "true"}}},
    ],
)
def test_a_statement_that_does_not_match_allows_nothing(elements: Statement) -> None:
    reason = _refusal(_allow(**elements), request=_request(s3_bucket="photos"))

    assert reason == "because no identity-based policy allows the s3:GetObject action"


def test_nothing_is_allowed_without_a_policy() -> None:
    assert _refusal() == "because no identity-based policy allows the s3:GetObject action"


def test_not_action_and_not_resource_mean_everything_else() -> None:
    statement = {"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::photos/secret/*"}

    assert _refusal(statement) is None
    assert _refusal(statement, request=_request(resource="arn:aws:s3:::photos/secret/a")) is not None
    assert _refusal(statement, request=_request(action="iam:GetRole")) is not None


def test_a_single_statement_need_not_be_in_a_list() -> None:
    policy = compile_policy(json.dumps({"Statement": _allow()}))

    assert find_refusal(PolicySet(identity=(policy,)), _request()) is None


def test_a_deny_beats_every_allow() -> None:
    reason = _refusal(_allow(), _deny(Resource="arn:aws:s3:::photos/raw/*"))

    assert reason == "with an explicit deny in an identity-based policy"


def test_a_deny_in_one_of_several_policies_beats_what_the_others_allow() -> None:
    allows, denies = _policy(_allow()), _policy(_deny())
    reasons = {
        find_refusal(PolicySet(identity=policies), _request()) for policies in ((allows, denies), (denies, allows))
    }

    assert reasons == {"with an explicit deny in an identity-based policy"}
    in_a_session = PolicySet(identity=(allows,), session=(allows, denies))
    assert find_refusal(in_a_session, _request()) == "with an explicit deny in a session policy"


def test_a_boundary_and_a_session_policy_limit_what_the_role_may() -> None:
    other = [_allow(Action="s3:PutObject")]

    assert _refusal(_allow(), boundary=[_allow()], session=[_allow()]) is None
    assert _refusal(_allow(), boundary=other) == "because no permissions boundary allows the s3:GetObject action"
    assert _refusal(_allow(), session=other) == "because no session policy allows the s3:GetObject action"
    assert _refusal(_allow(), boundary=[_allow(), _deny()]) == "with an explicit deny in a permissions boundary"
    assert _refusal(_allow(), session=[_allow(), _deny()]) == "with an explicit deny in a session policy"


def test_a_boundary_by_itself_allows_nothing() -> None:
    assert _refusal(boundary=[_allow()]) == "because no identity-based policy allows the s3:GetObject action"


@pytest.mark.parametrize("principal", [{"AWS": ROLE}, {"AWS": [SESSION]}, "*", {"AWS": "*"}])
def test_a_resource_policy_may_allow_what_no_identity_policy_does(principal: object) -> None:
    assert _refusal(resource=[_allow(Principal=principal)]) is None


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": "arn:aws:iam::111122223333:role/other"},
        {"Service": "s3.amazonaws.com"},
        {"AWS": "111122223333"},  # leaves it to the account's own policies
        {"AWS": "arn:aws:iam::111122223333:root"},
    ],
)
def test_a_resource_policy_for_another_principal_allows_nothing(principal: object) -> None:
    reason = _refusal(resource=[_allow(Principal=principal)])

    assert reason == "because no identity-based policy allows the s3:GetObject action"


@pytest.mark.parametrize("principal", [{"AWS": ROLE}, "*", {"AWS": "111122223333"}])
def test_a_resource_policy_may_deny(principal: object) -> None:
    reason = _refusal(_allow(), resource=[_deny(Principal=principal)])

    assert reason == "with an explicit deny in a resource-based policy"


def test_a_resource_policy_that_names_the_session_denies_it_all_the_same() -> None:
    allow = _allow(Principal={"AWS": SESSION})
    reason = "with an explicit deny in a resource-based policy"

    assert _refusal(_allow(), resource=[allow, _deny(Principal="*")]) == reason
    assert _refusal(_allow(), resource=[_deny(Principal={"AWS": ROLE}), allow]) == reason


def test_not_principal_spares_those_it_lists() -> None:
    assert _refusal(_allow(), resource=[_deny(NotPrincipal={"AWS": [ROLE]})]) is None
    assert _refusal(_allow(), resource=[_deny(NotPrincipal={"AWS": "444455556666"})]) is not None


def test_a_resource_policy_that_names_the_session_is_not_limited_by_the_boundary() -> None:
    boundary = [_allow(Action="s3:PutObject")]

    assert _refusal(resource=[_allow(Principal={"AWS": SESSION})], boundary=boundary) is None
    assert _refusal(resource=[_allow(Principal={"AWS": ROLE})], boundary=boundary) is not None


def test_a_key_or_a_trusted_role_decides_itself_whether_identity_policies_count() -> None:
    account = _allow(Principal={"AWS": "arn:aws:iam::111122223333:root"})
    stranger = _allow(Principal={"Service": "lambda.amazonaws.com"})

    assert _refusal(_allow(), resource=[account], resource_decides=True) is None
    assert _refusal(resource=[account], resource_decides=True) is not None
    assert (
        _refusal(_allow(), resource=[stranger], resource_decides=True)
        == "because no resource-based policy allows the s3:GetObject action"
    )


def test_a_trust_policy_needs_no_resource() -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROLE}}

    assert _refusal(resource=[trust], request=_request("sts:AssumeRole", ROLE), resource_decides=True) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"Statement": [{"Action": "*"}]}', '{"Statement": ["Allow"]}'])
def test_a_text_that_is_not_a_policy_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"policy|Expecting"):
        compile_policy(text)


def test_a_policy_is_read_once() -> None:
    text = json.dumps({"Statement": [_allow()]})

    assert compile_policy(text) is compile_policy(text)


FOREIGN: Final = Request(
    action="sqs:SendMessage",
    resource="arn:aws:sqs:us-east-1:444455556666:q",
    account="111122223333",
    name=SESSION,
    role=ROLE,
)
FOREIGN_BUCKET: Final = Request(
    action="s3:GetObject", resource=OBJECT, account="111122223333", name=SESSION, role=ROLE, owner="444455556666"
)
PRINCIPALS: Final = [{"AWS": ROLE}, {"AWS": SESSION}, {"AWS": "111122223333"}, "*"]


@pytest.mark.parametrize("request_", [FOREIGN, FOREIGN_BUCKET], ids=["by-the-arn", "a-bucket"])
@pytest.mark.parametrize("principal", PRINCIPALS)
def test_across_accounts_both_sides_have_to_allow(request_: Request, principal: object) -> None:
    own, others = _allow(Action="*"), _allow(Action="*", Principal=principal)
    no_resource_policy = f"because no resource-based policy allows the {request_.action} action"
    no_identity_policy = f"because no identity-based policy allows the {request_.action} action"

    assert _refusal(own, resource=[others], request=request_) is None
    assert _refusal(own, request=request_) == no_resource_policy
    assert _refusal(resource=[others], request=request_) == no_identity_policy
    assert _refusal(own, resource=[_allow(Action="*", Principal={"AWS": "444455556666"})], request=request_) == (
        no_resource_policy
    )


@pytest.mark.parametrize("principal", PRINCIPALS)
def test_across_accounts_a_deny_a_boundary_and_a_session_policy_count_as_within_one(principal: object) -> None:
    own, others = _allow(Action="*"), [_allow(Action="*", Principal=principal)]

    assert _refusal(own, _deny(Action="sqs:*"), resource=others, request=FOREIGN) is not None
    assert _refusal(own, resource=[*others, _deny(Action="sqs:*", Principal="*")], request=FOREIGN) is not None
    assert _refusal(own, resource=others, boundary=[_allow(Action="s3:*")], request=FOREIGN) is not None
    assert _refusal(own, resource=others, session=[_allow(Action="s3:*")], request=FOREIGN) is not None


@pytest.mark.parametrize(
    "resource", ["*", "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:apigateway:us-east-1::/restapis/a", OBJECT]
)
def test_a_resource_that_is_no_other_accounts_needs_one_side_alone(resource: str) -> None:
    assert _refusal(_allow(Action="*"), request=_request("s3:GetObject", resource)) is None
