"""Accepted keys: the root user's, users' existing ones, and temporary ones with their token."""

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError

from support.plugin_engine import Engine
from support.signed_requests import Keys, Sent, make, send, sign

EVERYTHING: Final = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
LISTING: Final = EVERYTHING.replace('"Action": "*"', '"Action": "s3:ListAllMyBuckets"')


def make_trust(principal: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def refuse(client: Any, operation: str = "get_caller_identity", **arguments: Any) -> str:  # noqa: ANN401 - boto3 makes its clients at run time
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(**arguments)
    return str(refused.value.response["Error"]["Code"])


def who(engine: Engine, keys: Keys) -> str:
    return str(keys.client(engine, "sts").get_caller_identity()["Arn"])


@pytest.fixture
def user(verifying_engine: Engine) -> Iterator[str]:
    iam = verifying_engine.client("iam")
    name = f"user-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=EVERYTHING)
    yield name
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=name, PolicyName="p")
    iam.delete_user(UserName=name)


def make_key(engine: Engine, user: str) -> Keys:
    return Keys.read(engine.client("iam").create_access_key(UserName=user)["AccessKey"])


def test_the_root_is_the_root(verifying_engine: Engine) -> None:
    assert who(verifying_engine, Keys.of(verifying_engine)) == "arn:aws:iam::000000000000:root"


def test_a_users_key_is_the_users_as_long_as_it_is_active(verifying_engine: Engine, user: str) -> None:
    iam = verifying_engine.client("iam")
    keys, other = make_key(verifying_engine, user), make_key(verifying_engine, user)
    assert who(verifying_engine, keys) == f"arn:aws:iam::000000000000:user/{user}"
    sts, s3 = keys.client(verifying_engine, "sts"), keys.client(verifying_engine, "s3")

    iam.update_access_key(UserName=user, AccessKeyId=keys.access_key, Status="Inactive")
    assert refuse(sts) == "InvalidClientTokenId"
    assert refuse(s3, "list_buckets") == "InvalidAccessKeyId"
    iam.update_access_key(UserName=user, AccessKeyId=keys.access_key, Status="Active")
    assert sts.get_caller_identity()

    iam.delete_access_key(UserName=user, AccessKeyId=keys.access_key)
    assert refuse(sts) == "InvalidClientTokenId"
    assert refuse(s3, "list_buckets") == "InvalidAccessKeyId"
    assert who(verifying_engine, other)


def test_another_users_secret_opens_nothing(verifying_engine: Engine, user: str) -> None:
    mine, other = make_key(verifying_engine, user), make_key(verifying_engine, user)
    crossed = Keys(mine.access_key, other.secret_key)
    assert refuse(crossed.client(verifying_engine, "sts")) == "SignatureDoesNotMatch"
    assert refuse(Keys(Keys.of(verifying_engine).access_key, mine.secret_key).client(verifying_engine, "sts")) == (
        "SignatureDoesNotMatch"
    )


def test_a_long_term_key_has_no_token(verifying_engine: Engine, user: str) -> None:
    keys = make_key(verifying_engine, user)
    for mine in (keys, Keys.of(verifying_engine)):
        with_token = Keys(mine.access_key, mine.secret_key, "a token")
        assert refuse(with_token.client(verifying_engine, "sts")) == "InvalidClientTokenId"
        assert refuse(with_token.client(verifying_engine, "s3"), "list_buckets") == "InvalidToken"


def test_users_may_do_what_their_policies_say(verifying_engine: Engine, user: str) -> None:
    verifying_engine.client("iam").put_user_policy(UserName=user, PolicyName="p", PolicyDocument=LISTING)
    keys = make_key(verifying_engine, user)
    assert keys.client(verifying_engine, "s3").list_buckets()
    assert refuse(keys.client(verifying_engine, "sqs"), "list_queues") == "AccessDenied"


def named_beside(sent: Sent, keys: Keys) -> list[Sent]:
    """Return a signed request that names the root's key as well, where LocalStack might read it."""
    separator = "&" if "?" in sent.target else "?"
    return [
        sent.change(
            target=f"{sent.target}{separator}{name}={keys.access_key}%2F20300101%2Fus-east-1%2Fs3%2Faws4_request"
        )
        for name in ("X-Amz-Credential", "AWSAccessKeyId")
    ]


def test_naming_the_root_users_key_besides_ones_own_grants_nothing(verifying_engine: Engine, user: str) -> None:
    verifying_engine.client("iam").put_user_policy(UserName=user, PolicyName="p", PolicyDocument=LISTING)
    keys, root = make_key(verifying_engine, user), Keys.of(verifying_engine)
    name = f"b-{uuid.uuid4().hex[:8]}"
    verifying_engine.client("s3").create_bucket(Bucket=name)
    plain = make(verifying_engine, "GET", f"/{name}")
    for unsigned in named_beside(plain, root):
        answer = send(verifying_engine, sign(unsigned, keys, "s3"))
        assert answer.status in (400, 403), unsigned.target


@pytest.fixture
def role(verifying_engine: Engine) -> Iterator[str]:
    iam = verifying_engine.client("iam")
    name = f"role-{uuid.uuid4().hex[:8]}"
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=make_trust("000000000000"))
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=EVERYTHING)
    yield f"arn:aws:iam::000000000000:role/{name}"
    iam.delete_role_policy(RoleName=name, PolicyName="p")
    iam.delete_role(RoleName=name)


def assume(engine: Engine, role: str, keys: Keys | None = None, **options: Any) -> Keys:  # noqa: ANN401
    sts = (keys or Keys.of(engine)).client(engine, "sts")
    return Keys.read(sts.assume_role(RoleArn=role, RoleSessionName="me", **options)["Credentials"])


def test_a_roles_session_requires_its_own_token(verifying_engine: Engine, role: str) -> None:
    keys, other = assume(verifying_engine, role), assume(verifying_engine, role)
    name = role.rpartition("/")[2]
    assert who(verifying_engine, keys) == f"arn:aws:sts::000000000000:assumed-role/{name}/me"
    assert keys.client(verifying_engine, "s3").list_buckets()

    without = Keys(keys.access_key, keys.secret_key)
    assert refuse(without.client(verifying_engine, "sts")) == "InvalidClientTokenId"
    assert refuse(without.client(verifying_engine, "s3"), "list_buckets") == "InvalidAccessKeyId"
    anothers = Keys(keys.access_key, keys.secret_key, other.token)
    assert refuse(anothers.client(verifying_engine, "sts")) == "InvalidClientTokenId"
    assert refuse(anothers.client(verifying_engine, "s3"), "list_buckets") == "InvalidToken"
    assert refuse(anothers.client(verifying_engine, "ssm"), "describe_parameters") == "UnrecognizedClientException"


def test_a_session_ends(verifying_engine: Engine, role: str) -> None:
    assert who(verifying_engine, assume(verifying_engine, role, DurationSeconds=900))
    ended = end_of_session(verifying_engine, role)
    assert refuse(ended.client(verifying_engine, "sts")) == "ExpiredToken"
    assert refuse(ended.client(verifying_engine, "s3"), "list_buckets") == "ExpiredToken"
    assert refuse(ended.client(verifying_engine, "ssm"), "describe_parameters") == "ExpiredTokenException"


def end_of_session(engine: Engine, role: str) -> Keys:
    """Return a session's keys that are over. Neither moto nor LocalStack checks the least duration that AWS does."""
    query = f"Action=AssumeRole&Version=2011-06-15&RoleArn={quote(role, '')}&RoleSessionName=me&DurationSeconds=1"
    answer = send(engine, sign(make(engine, "GET", f"/?{query}"), Keys.of(engine), "sts"))
    assert answer.status == 200, answer.body
    keys = Keys.read({name: answer.element(name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")})
    time.sleep(1.1)
    return keys


def test_get_session_token_gives_away_keys_of_the_same_user(verifying_engine: Engine, user: str) -> None:
    verifying_engine.client("iam").put_user_policy(UserName=user, PolicyName="p", PolicyDocument=LISTING)
    mine = make_key(verifying_engine, user)
    given = [Keys.read(mine.client(verifying_engine, "sts").get_session_token()["Credentials"]) for _ in range(2)]
    assert len({keys.access_key for keys in given} | {mine.access_key}) == 3
    assert len({keys.secret_key for keys in given} | {mine.secret_key}) == 3
    keys = given[0]
    assert who(verifying_engine, keys) == f"arn:aws:iam::000000000000:user/{user}"
    assert keys.client(verifying_engine, "s3").list_buckets()
    assert refuse(keys.client(verifying_engine, "sqs"), "list_queues") == "AccessDenied"
    sts = keys.client(verifying_engine, "sts")
    assert refuse(sts, "get_session_token") == "AccessDenied"
    assert refuse(sts, "get_federation_token", Name="bob") == "AccessDenied"
    assert refuse(Keys(keys.access_key, keys.secret_key).client(verifying_engine, "sts")) == "InvalidClientTokenId"


def test_get_session_token_of_the_root_is_the_roots(verifying_engine: Engine) -> None:
    keys = Keys.read(verifying_engine.client("sts").get_session_token()["Credentials"])
    assert who(verifying_engine, keys) == "arn:aws:iam::000000000000:root"
    assert keys.client(verifying_engine, "sqs").list_queues()


def test_a_federated_user_may_do_what_both_the_policy_and_the_user_may(verifying_engine: Engine, user: str) -> None:
    sts = make_key(verifying_engine, user).client(verifying_engine, "sts")
    answer = sts.get_federation_token(Name="bob", Policy=LISTING)
    keys = Keys.read(answer["Credentials"])
    assert (
        who(verifying_engine, keys)
        == answer["FederatedUser"]["Arn"]
        == ("arn:aws:sts::000000000000:federated-user/bob")
    )
    assert keys.client(verifying_engine, "s3").list_buckets()
    assert refuse(keys.client(verifying_engine, "sqs"), "list_queues") == "AccessDenied"

    verifying_engine.client("iam").put_user_policy(
        UserName=user, PolicyName="p", PolicyDocument=EVERYTHING.replace('"*"', '"sts:*"', 1)
    )
    assert refuse(keys.client(verifying_engine, "s3"), "list_buckets") == "AccessDenied"
    without = Keys.read(sts.get_federation_token(Name="carol")["Credentials"])
    assert refuse(without.client(verifying_engine, "s3"), "list_buckets") == "AccessDenied"


def test_a_federated_user_of_the_root_may_do_what_the_policy_says(verifying_engine: Engine) -> None:
    sts = verifying_engine.client("sts")
    keys = Keys.read(sts.get_federation_token(Name="bob", Policy=LISTING)["Credentials"])
    assert keys.client(verifying_engine, "s3").list_buckets()
    assert refuse(keys.client(verifying_engine, "sqs"), "list_queues") == "AccessDenied"


def test_a_session_ends_when_its_user_is_deleted(verifying_engine: Engine) -> None:
    iam = verifying_engine.client("iam")
    name = f"gone-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=EVERYTHING)
    mine = make_key(verifying_engine, name)
    keys = Keys.read(mine.client(verifying_engine, "sts").get_session_token()["Credentials"])
    assert who(verifying_engine, keys)
    iam.delete_access_key(UserName=name, AccessKeyId=mine.access_key)
    iam.delete_user_policy(UserName=name, PolicyName="p")
    iam.delete_user(UserName=name)
    assert refuse(keys.client(verifying_engine, "sts")) == "InvalidClientTokenId"


@pytest.mark.parametrize(
    "action",
    [
        "AssumeRoleWithWebIdentity&WebIdentityToken=any.token.atall",
        "AssumeRoleWithSAML&SAMLAssertion=YQ==&PrincipalArn=x",
    ],
)
def test_a_token_that_cannot_be_verified_grants_no_role(verifying_engine: Engine, role: str, action: str) -> None:
    query = f"Action={action}&Version=2011-06-15&RoleArn={role}&RoleSessionName=me"
    answer = send(verifying_engine, make(verifying_engine, "GET", f"/?{query}"))
    assert (answer.status, answer.code) == (403, "AccessDenied")
    assert b"SecretAccessKey" not in answer.body


def test_another_accounts_keys_are_that_accounts(verifying_engine: Engine) -> None:
    """LocalStack makes accounts as they are named; here, who has no key of one has to be let in by a role of it."""
    role = f"arn:aws:iam::111122223333:role/r-{uuid.uuid4().hex[:8]}"
    keys = assume(verifying_engine, role)
    assert who(verifying_engine, keys).startswith("arn:aws:sts::111122223333:assumed-role/")
    assert refuse(Keys("111122223333", "test").client(verifying_engine, "sts")) == "SignatureDoesNotMatch"
