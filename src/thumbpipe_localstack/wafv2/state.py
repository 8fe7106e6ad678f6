"""WAF's state in moto, and a number that grows with each change."""

import base64
import itertools
import json
import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

from moto.apigateway.models import apigateway_backends
from moto.wafv2.models import GLOBAL_REGION, WAFV2Backend, wafv2_backends

_ARN: Final = re.compile(r"arn:aws[\w-]*:wafv2:([\w-]+):(\d{12}):(global|regional)/(\w+)/([^/]+)/([^/]+)")
_STAGE: Final = re.compile(r"arn:aws[\w-]*:apigateway:([\w-]+)::/restapis/([^/]+)/stages/([^/]+)")
_changes = itertools.count(1)
_generation = 0

# moto validates and writes in two steps, while LocalStack serves requests on many threads.
LOCK: Final = threading.RLock()


def generation() -> int:
    """Return a number that grows with each change, which makes compiled web ACLs stale."""
    return _generation


def changed() -> None:
    """Record a change."""
    global _generation  # noqa: PLW0603 - one number for the whole process
    _generation = next(_changes)


def backend_of(arn: str) -> WAFV2Backend | None:
    """Return moto's backend for an ARN, None if it is not an ARN of WAF."""
    matched = _ARN.fullmatch(arn)
    if matched is None:
        return None
    region, account, scope = matched[1], matched[2], matched[3]
    return wafv2_backends[account][GLOBAL_REGION if scope == "global" else region]


def find_web_acl(arn: str) -> Any:  # noqa: ANN401 - moto is not there when types are checked
    """Return moto's web ACL, or None."""
    backend = backend_of(arn)
    return backend.wacls.get(arn) if backend else None


def plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a value without unset keys, such as a rule's `OverrideAction`."""
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


class StoredSources:
    """Resolves what statements refer to in moto's backends."""

    def addresses(self, arn: str) -> Sequence[str]:
        """Return the addresses of an IP set."""
        return list(self._backend(arn).ip_sets[arn].addresses)

    def patterns(self, arn: str) -> Sequence[str]:
        """Return the patterns of a regex pattern set."""
        expressions = self._backend(arn).regex_pattern_sets[arn].regular_expressions
        return [each["RegexString"] for each in expressions]

    def rule_group(self, arn: str) -> Mapping[str, Any]:
        """Return a rule group in the API's model."""
        group: Mapping[str, Any] = plain(self._backend(arn).rule_groups[arn].to_dict())
        return group

    @staticmethod
    def _backend(arn: str) -> Any:  # noqa: ANN401
        backend = backend_of(arn)
        if backend is None:
            raise KeyError(arn)
        return backend


def refers_to(config: Any, arn: str) -> bool:  # noqa: ANN401 - JSON
    """Tell whether a configuration refers to an ARN."""
    return json.dumps(arn) in json.dumps(config, default=str)


def find_logging(arn: str) -> Any:  # noqa: ANN401
    """Return moto's logging configuration of a web ACL, or None. moto stores it in the region of the request."""
    matched = _ARN.fullmatch(arn)
    return wafv2_backends[matched[2]][matched[1]].logging_configurations.get(arn) if matched else None


def forget_logging(arn: str) -> None:
    """Delete the logging configuration of a web ACL."""
    matched = _ARN.fullmatch(arn)
    if matched is not None:
        wafv2_backends[matched[2]][matched[1]].logging_configurations.pop(arn, None)


def find_stage(arn: str) -> Any:  # noqa: ANN401
    """Return moto's stage of a REST API, or None."""
    matched = _STAGE.fullmatch(arn)
    if matched is None:
        return None
    region, api_id, name = matched.groups()
    for backends in list(apigateway_backends.values()):
        api = backends[region].apis.get(api_id)
        if api is not None:
            return api.stages.get(name)
    return None


_associations: tuple[int, dict[str, str]] = (-1, {})


def associations() -> dict[str, str]:
    """Return web ACL ARNs by the ARNs of associated stages; indexed, since each request to an API needs it."""
    global _associations  # noqa: PLW0603 - one index for the whole process
    indexed_at, index = _associations
    current = _generation
    if indexed_at != current:
        index = {
            resource: acl.arn
            for backends in list(wafv2_backends.values())
            for backend in list(backends.values())
            for acl in list(backend.wacls.values())
            for resource in acl.associated_resources
        }
        _associations = (current, index)
    return index


def with_bytes(value: Any) -> Any:  # noqa: ANN401
    """Return what moto stores as LocalStack serialises it: with `SearchString` decoded from base64."""
    if isinstance(value, Mapping):
        return {
            key: base64.b64decode(each) if key == "SearchString" and isinstance(each, str) else with_bytes(each)
            for key, each in value.items()
        }
    return [with_bytes(each) for each in value] if isinstance(value, list) else value
