"""Associations of web ACLs with stages of REST APIs. Distributions refer to theirs themselves."""

from typing import Any, Final

from localstack.aws.api import RequestContext

from thumbpipe_localstack.wafv2 import state
from thumbpipe_localstack.wafv2.control.errors import fault, invalid, nonexistent, unsupported
from thumbpipe_localstack.wafv2.control.stored import Body
from thumbpipe_localstack.wafv2.control.web_acls import resources_of

_API_GATEWAY: Final = ":apigateway:"


def _require_stage(arn: str) -> Any:  # noqa: ANN401 - moto carries no types here
    if ":cloudfront:" in arn:
        reason = "A distribution's web ACL is set by CloudFront's UpdateDistribution."
        raise invalid("RESOURCE_ARN", arn, reason)
    if _API_GATEWAY not in arn:
        raise unsupported(f"protecting {arn}: only stages of REST APIs and distributions")
    stage = state.find_stage(arn)
    if stage is None:
        raise nonexistent()
    return stage


def associate_web_acl(_context: RequestContext, request: Body) -> Body:
    """Associate a web ACL with a stage, and end its previous association."""
    acl = state.find_web_acl(request["WebACLArn"])
    if acl is None:
        raise nonexistent()
    if ":global/" in acl.arn:
        raise fault("WAFInvalidOperationException", "A web ACL of scope CLOUDFRONT protects distributions only.")
    stage = _require_stage(request["ResourceArn"])
    _release(request["ResourceArn"])
    acl.associated_resources.append(request["ResourceArn"])
    stage.web_acl_arn = acl.arn
    state.changed()
    return {}


def disassociate_web_acl(_context: RequestContext, request: Body) -> Body:
    """End a stage's association."""
    stage = _require_stage(request["ResourceArn"])
    _release(request["ResourceArn"])
    stage.web_acl_arn = None
    state.changed()
    return {}


def _release(arn: str) -> None:
    acl = state.find_web_acl(state.associations().get(arn, ""))
    if acl is not None:
        acl.associated_resources.remove(arn)


def get_web_acl_for_resource(_context: RequestContext, request: Body) -> Body:
    """Return the web ACL of a stage."""
    _require_stage(request["ResourceArn"])
    acl = state.find_web_acl(state.associations().get(request["ResourceArn"], ""))
    if acl is None:
        return {}
    answer = state.with_bytes(state.plain(acl.to_dict()))
    del answer["LockToken"]  # not a member of this response
    return {"WebACL": answer}


def list_resources_for_web_acl(_context: RequestContext, request: Body) -> Body:
    """List what a web ACL protects."""
    acl = state.find_web_acl(request["WebACLArn"])
    if acl is None:
        raise nonexistent()
    kind = request.get("ResourceType") or "APPLICATION_LOAD_BALANCER"
    return {"ResourceArns": [each for each in resources_of(acl) if kind == "API_GATEWAY" and _API_GATEWAY in each]}
