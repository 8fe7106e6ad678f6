"""The principal that signed a request and its policies, from the current state of moto and LocalStack."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from localstack.aws.accounts import get_account_id_from_access_key_id
from localstack.services.sts.models import sts_stores
from moto.iam.models import iam_backends

from thumbpipe_localstack.iam.conditions import Context
from thumbpipe_localstack.iam.sessions import GrantedSession, find_session


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A role's session or a user.

    Attributes:
        arn: the session's or the user's ARN.
        role: the ARN of the session's role, empty for a user.
        context: the condition keys that describe the principal.
        identity: texts of its inline and attached policies.
        boundary: text of its permissions boundary.
        session: texts of the session policies.
    """

    arn: str
    role: str
    account: str
    context: Context
    identity: tuple[str, ...]
    boundary: str | None
    session: tuple[str, ...]


def _read_managed(policies: Iterable[Any]) -> list[str]:
    """Return the default version of each managed policy."""
    return [
        version.document
        for policy in policies
        for version in list(policy.versions)
        if version.version_id == policy.default_version_id
    ]


def _read_policies(*owners: Any) -> tuple[str, ...]:  # noqa: ANN401 - LocalStack carries no types
    """Return the inline and attached policies of a role, or of a user and its groups."""
    # Copied to lists, since another request may change policies at the same time.
    inline = [text for owner in owners for text in list(owner.policies.values())]
    attached = [policy for owner in owners for policy in list(owner.managed_policies.values())]
    return (*inline, *_read_managed(attached))


def _read_arns(backend: Any, arns: Iterable[str]) -> tuple[str, ...]:  # noqa: ANN401
    return tuple(_read_managed(backend.managed_policies[arn] for arn in arns if arn in backend.managed_policies))


def _read_boundary(backend: Any, arn: str | None) -> str | None:  # noqa: ANN401
    return next(iter(_read_arns(backend, [arn])), None) if arn else None


def _find_role(backend: Any, arn: str) -> Any | None:  # noqa: ANN401
    return next((role for role in list(backend.roles.values()) if role.arn == arn), None)


def _describe_tags(role: Any | None, account: str, access_key: str) -> dict[str, tuple[str, ...]]:  # noqa: ANN401
    session = sts_stores[account]["us-east-1"].sessions.get(access_key, {})
    tags = [*(role.tags or [] if role else []), *session.get("tags", {}).values()]
    return {f"aws:principaltag/{tag['Key'].lower()}": (tag["Value"],) for tag in tags}


def _describe_session(backend: Any, session: Any, account: str, access_key: str) -> Principal:  # noqa: ANN401
    role = _find_role(backend, session.role_arn)
    return Principal(
        arn=session.arn,
        role=session.role_arn,
        account=account,
        context={
            "aws:principalarn": (session.role_arn,),
            "aws:principaltype": ("AssumedRole",),
            "aws:userid": (session.user_id,),
            **_describe_tags(role, account, access_key),
        },
        identity=_read_policies(role) if role else (),  # a deleted role allows nothing
        boundary=_read_boundary(backend, role.permissions_boundary_arn) if role else None,
        session=(session.policy,) if session.policy else (),
    )


def _describe_user(backend: Any, account: str, name: str) -> Principal:  # noqa: ANN401
    user = backend.users[name]
    return Principal(
        arn=user.arn,
        role="",
        account=account,
        context={
            "aws:principalarn": (user.arn,),
            "aws:principaltype": ("User",),
            "aws:userid": (user.id,),
            "aws:username": (name,),
            **{f"aws:principaltag/{tag['Key'].lower()}": (tag["Value"],) for tag in backend.list_user_tags(name)},
        },
        identity=_read_policies(user, *backend.get_groups_for_user(name)),
        boundary=_read_boundary(backend, getattr(user, "permissions_boundary", None)),
        session=(),
    )


def _describe_granted(backend: Any, session: GrantedSession, account: str) -> Principal | None:  # noqa: ANN401
    """Return the user of the session, or the federated user; None for the root user."""
    user = backend.users.get(session.user_name)
    if not session.is_federated:
        return _describe_user(backend, account, user.name) if user else None
    allowed = (session.policy,) if session.policy else ()
    return Principal(
        arn=session.arn,
        role="",
        account=account,
        context={
            "aws:principalarn": (session.arn,),
            "aws:principaltype": ("FederatedUser",),
            "aws:userid": (session.user_id,),
        },
        # The user's permissions, limited by the session policy. For the root user the session policy alone decides.
        identity=_read_policies(user, *backend.get_groups_for_user(user.name)) if user and allowed else allowed,
        boundary=_read_boundary(backend, getattr(user, "permissions_boundary", None)),
        session=allowed,
    )


def find_principal(access_key: str, partition: str) -> Principal | None:
    """Return the principal of an access key, or None for an unknown key, which counts as the account's root user."""
    account = get_account_id_from_access_key_id(access_key)
    backend = iam_backends[account][partition]
    key = backend.access_keys.get(access_key)
    if key is None:
        return None
    if key.user_name in backend.users:
        return _describe_user(backend, account, key.user_name)
    session = find_session(account, partition, access_key)
    if isinstance(session, GrantedSession):
        return _describe_granted(backend, session, account)
    return _describe_session(backend, session, account, access_key) if session else None
