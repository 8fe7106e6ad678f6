"""Access to the resources that moto stores: look-up, lock tokens, names."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from localstack.aws.api import RequestContext
from moto.core.utils import camelcase_to_underscores
from moto.wafv2.models import GLOBAL_REGION, FakeRule, wafv2_backends

from thumbpipe_localstack.wafv2 import state
from thumbpipe_localstack.wafv2.control.errors import associated, duplicate, invalid, nonexistent, stale

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource: moto's collection of it, and the attribute that holds its id."""

    collection: str
    id_name: str = "id"


WEB_ACLS: Final = Kind("wacls")
IP_SETS: Final = Kind("ip_sets", "ip_set_id")
PATTERN_SETS: Final = Kind("regex_pattern_sets")
RULE_GROUPS: Final = Kind("rule_groups")


def read_body(context: RequestContext) -> Body:
    """Return the original request, in which blobs are still base64, as moto stores and returns them."""
    body: Body = json.loads(context.request.get_data() or b"{}")
    return body


def backend_for(context: RequestContext, scope: str) -> Any:  # noqa: ANN401 - moto carries no types here
    """Return moto's backend for a scope."""
    if scope == "CLOUDFRONT":
        if context.region != "us-east-1":
            raise invalid("SCOPE_VALUE", scope, "The scope is not valid. CLOUDFRONT requires us-east-1")
        return wafv2_backends[context.account_id][GLOBAL_REGION]
    if scope != "REGIONAL":
        raise invalid("SCOPE_VALUE", scope, "The scope is not valid.")
    return wafv2_backends[context.account_id][context.region]


def find(context: RequestContext, kind: Kind, body: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return the resource that a request names by name and id."""
    stored = getattr(backend_for(context, body["Scope"]), kind.collection).values()
    for each in stored:
        if each.name == body["Name"] and getattr(each, kind.id_name) == body["Id"]:
            return each
    raise nonexistent()


def find_locked(context: RequestContext, kind: Kind, body: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return the resource that a request names, if its lock token is current."""
    found = find(context, kind, body)
    if found.lock_token != body["LockToken"]:
        raise stale()
    return found


def new_token(stored: Any) -> dict[str, str]:  # noqa: ANN401
    """Set a resource's next lock token, and return it as updates do."""
    stored.lock_token = str(uuid.uuid4())
    state.changed()
    return {"NextLockToken": stored.lock_token}


def require_free_name(backend: Any, kind: Kind, name: str) -> None:  # noqa: ANN401
    """Reject a name that is already in use."""
    if any(each.name == name for each in getattr(backend, kind.collection).values()):
        raise duplicate()


def _require_unused(backend: Any, arn: str) -> None:  # noqa: ANN401
    """Reject the deletion of a resource that a web ACL or a rule group refers to."""
    users = [*backend.wacls.values(), *backend.rule_groups.values()]
    if any(state.refers_to([rule.statement for rule in user.rules], arn) for user in users):
        raise associated()


def delete_unused(context: RequestContext, kind: Kind) -> Body:
    """Delete the resource that a request names, unless a web ACL or a rule group refers to it."""
    body = read_body(context)
    stored = find_locked(context, kind, body)
    backend = backend_for(context, body["Scope"])
    _require_unused(backend, stored.arn)
    del getattr(backend, kind.collection)[stored.arn]
    backend.tagging_service.delete_all_tags_for_resource(stored.arn)
    state.changed()
    return {}


def make_rules(rules: list[Body] | None) -> list[FakeRule]:
    """Return rules as moto stores them."""
    return [FakeRule(**{camelcase_to_underscores(name): value for name, value in each.items()}) for each in rules or ()]


def summary(stored: Any, kind: Kind) -> dict[str, dict[str, Any]]:  # noqa: ANN401
    """Return the response to a creation."""
    return {
        "Summary": {
            "Name": stored.name,
            "Id": getattr(stored, kind.id_name),
            "Description": stored.description or None,
            "LockToken": stored.lock_token,
            "ARN": stored.arn,
        }
    }
