"""IAM's policy evaluation logic for one request, independent of LocalStack."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from thumbpipe_localstack.iam.conditions import Condition, Context, as_texts, matches_glob

_ACCOUNT_PART: Final = 4  # of an ARN


class Effect(Enum):
    """A policy's effect on a request, strongest first."""

    DENY = "deny"
    ALLOW = "allow"
    ALLOW_BY_NAME = "allow by name"  # a resource policy names exactly this session or user
    DELEGATE = "delegate"  # a resource policy delegates to the account's identity policies
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One action on one resource.

    Attributes:
        action: as in ``s3:GetObject``.
        resource: an ARN, or ``*`` for an action without a resource.
        account: the caller's account.
        name: the caller's unique name: the ARN of the session or user, or a service's host name.
        role: the ARN of the session's role, if the caller is a session.
        owner: the account that owns the resource if the ARN does not contain it, as with a bucket.
        context: condition keys.
    """

    action: str
    resource: str
    account: str = ""
    name: str = ""
    role: str = ""
    owner: str = ""
    context: Context = field(default_factory=dict)

    @property
    def crosses_accounts(self) -> bool:
        """Whether the resource belongs to another account than the caller."""
        owner = self.owner or "".join(self.resource.split(":")[_ACCOUNT_PART : _ACCOUNT_PART + 1])
        # Not `arn:aws:iam::aws:policy/…`, and not a service, which has no account.
        return owner.isdigit() and bool(self.account) and owner != self.account


@dataclass(frozen=True, slots=True, kw_only=True)
class _Values:
    """The patterns of an element such as Action or, inverted, NotAction."""

    patterns: tuple[str, ...]
    inverted: bool

    @classmethod
    def parse(cls, statement: Mapping[str, Any], element: str, default: str | None = None) -> "_Values":
        inverted = f"Not{element}" in statement
        value = statement[f"Not{element}"] if inverted else statement.get(element, default)
        return cls(patterns=() if value is None else as_texts(value), inverted=inverted)

    def match(self, value: str, context: Context) -> bool:
        return any(matches_glob(pattern, value, context) for pattern in self.patterns) != self.inverted


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a policy."""

    allows: bool
    actions: _Values
    resources: _Values
    conditions: tuple[Condition, ...]
    principals: _Values | None

    @classmethod
    def parse(cls, statement: Mapping[str, Any]) -> "Statement":
        """Parse a statement of a policy's JSON."""
        conditions = statement.get("Condition") or {}
        return cls(
            allows=statement["Effect"] == "Allow",
            actions=_parse_actions(statement),
            resources=_Values.parse(statement, "Resource", default="*"),  # a role's trust policy has no Resource
            conditions=tuple(
                Condition.parse(operator, key, value)
                for operator, keys in conditions.items()
                for key, value in keys.items()
            ),
            principals=_parse_principals(statement),
        )

    def covers(self, request: Request) -> bool:
        """Return whether the statement applies to this action, resource and context."""
        return (
            self.actions.match(request.action.lower(), request.context)
            and self.resources.match(request.resource, request.context)
            and all(condition.holds(request.context) for condition in self.conditions)
        )

    def decide(self, request: Request) -> Effect:
        """Return the statement's effect; a Principal element, if any, must match."""
        if not self.covers(request):
            return Effect.NONE
        named = Effect.ALLOW if self.principals is None else _match_principals(self.principals, request)
        return named if self.allows or named is Effect.NONE else Effect.DENY


def _parse_actions(statement: Mapping[str, Any]) -> _Values:
    values = _Values.parse(statement, "Action")
    return _Values(patterns=tuple(pattern.lower() for pattern in values.patterns), inverted=values.inverted)


def _parse_principals(statement: Mapping[str, Any]) -> _Values | None:
    inverted = "NotPrincipal" in statement
    value = statement["NotPrincipal"] if inverted else statement.get("Principal")
    if value is None:
        return None
    if value == "*":
        return _Values(patterns=("*",), inverted=inverted)
    # Federated principals (web identity, SAML) do not occur here. A service's host name is never an ARN or an account.
    callers = (*as_texts(value.get("AWS", [])), *as_texts(value.get("Service", [])))
    return _Values(patterns=callers, inverted=inverted)


def _match_principals(principals: _Values, request: Request) -> Effect:
    account = {request.account, f"arn:aws:iam::{request.account}:root"}
    if principals.inverted:
        listed = {request.name, request.role, *account} & set(principals.patterns)
        return Effect.NONE if listed else Effect.ALLOW
    if request.name in principals.patterns:
        return Effect.ALLOW_BY_NAME
    if "*" in principals.patterns or (request.role and request.role in principals.patterns):
        return Effect.ALLOW
    return Effect.DELEGATE if account & set(principals.patterns) else Effect.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A parsed policy document."""

    statements: tuple[Statement, ...]

    def decide(self, request: Request) -> Effect:
        """Return the strongest effect of the statements."""
        effects = {statement.decide(request) for statement in self.statements}
        strongest = (Effect.DENY, Effect.ALLOW_BY_NAME, Effect.ALLOW, Effect.DELEGATE)
        return next((effect for effect in strongest if effect in effects), Effect.NONE)


@lru_cache(maxsize=4096)
def compile_policy(text: str) -> Policy:
    """Parse a policy's JSON. The cache's key is the text, so a changed policy is parsed again.

    Raises:
        ValueError: the text is not a policy.
    """
    try:
        statements = json.loads(text)["Statement"]
        parsed = [Statement.parse(item) for item in (statements if isinstance(statements, list) else [statements])]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a policy: {error!r}") from error
    return Policy(statements=tuple(parsed))


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet:
    """All policies that apply to a request.

    Attributes:
        identity: inline and attached policies of the role or user.
        boundary: the permissions boundary, which limits what they allow.
        session: session policies passed to AssumeRole, which limit them, too; empty if none were passed.
        resource: the resource's own policy.
        resource_decides: identity policies count only if the resource's policy delegates to them: KMS keys, role trust.
    """

    identity: tuple[Policy, ...]
    boundary: Policy | None = None
    session: tuple[Policy, ...] = ()
    resource: Policy | None = None
    resource_decides: bool = False


def _decide(policies: Iterable[Policy], request: Request) -> Effect:
    effects = {policy.decide(request) for policy in policies}
    return next((effect for effect in (Effect.DENY, Effect.ALLOW) if effect in effects), Effect.NONE)


def find_refusal(policies: PolicySet, request: Request) -> str | None:
    """Evaluate a request. Of a caller of another account both its own policies and the resource's have to allow it.

    Returns:
        None if it is allowed, else the reason, worded as AWS does.
    """
    resource = policies.resource.decide(request) if policies.resource else Effect.NONE
    kinds = {
        "identity-based policy": _decide(policies.identity, request),
        "permissions boundary": _decide([policies.boundary] if policies.boundary else [], request),
        "session policy": _decide(policies.session, request),
        "resource-based policy": resource,
    }
    for kind, effect in kinds.items():
        if effect is Effect.DENY:
            return f"with an explicit deny in {_with_article(kind)}"
    is_foreign = request.crosses_accounts
    if resource is Effect.ALLOW_BY_NAME and not is_foreign:
        return None
    alone = resource is Effect.ALLOW and not is_foreign
    required = {
        "resource-based policy": (policies.resource_decides or is_foreign) and resource is Effect.NONE,
        "permissions boundary": policies.boundary is not None and kinds["permissions boundary"] is Effect.NONE,
        "session policy": bool(policies.session) and kinds["session policy"] is Effect.NONE,
        "identity-based policy": not alone and kinds["identity-based policy"] is Effect.NONE,
    }
    missing = next((kind for kind, is_missing in required.items() if is_missing), None)
    return None if missing is None else f"because no {missing} allows the {request.action} action"


def _with_article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
