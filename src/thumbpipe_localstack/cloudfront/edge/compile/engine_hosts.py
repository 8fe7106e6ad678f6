"""AWS's host names, which are this engine's: a request to one never leaves the machine."""

import functools
import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["api", "bucket", "function URL", "website", "unknown"]

_REGION: Final = r"(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9]+)"
_AWS: Final = (
    r"(?:amazonaws\.com|amazonaws\.com\.cn|api\.aws|on\.aws|on\.amazonwebservices\.com\.cn|api\.amazonwebservices\.com\.cn"
    r"|cloudfront\.(?:net|cn))"
)
_LOCALSTACK: Final = r"localhost\.localstack\.cloud|localhost"
_PATTERNS: Final[dict[Kind, str]] = {
    "website": rf"(?P<name>.+)\.s3-website(?:[.-](?:dualstack\.)?{_REGION})?",
    "function URL": rf"(?P<name>[a-z0-9-]+)\.lambda-url\.{_REGION}",
    "api": rf"(?P<name>[a-z0-9-]+)\.execute-api(?:-fips)?(?:\.{_REGION})?",
    "bucket": rf"(?P<name>.+?)\.s3(?:-accelerate|-fips)?(?:[.-]dualstack)?(?:[.-]{_REGION})?",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineHost:
    """What a host name of AWS's means here.

    Attributes:
        kind: The service; `unknown` for one that this engine serves under no name of AWS's.
        name: The bucket, or the id of the API or function URL; empty for an unknown one.
        region: The region in it, if any.
    """

    kind: Kind
    name: str = ""
    region: str | None = None


def find_engine_host(domain: str, own_host: str) -> EngineHost | None:
    """Return what a domain name means here, or None if it is not one of AWS's or LocalStack's forms.

    Args:
        domain: In lower case, maybe with a port.
        own_host: The host below which LocalStack names what it serves, besides its usual ones.
    """
    host = domain.partition(":")[0]
    for kind, pattern in _compile_patterns(own_host.lower()).items():
        if found := pattern.fullmatch(host):
            return EngineHost(kind=kind, name=found["name"], region=found["region"])
    return EngineHost(kind="unknown") if re.fullmatch(rf"(?:.+\.)?{_AWS}", host) else None


@functools.cache
def _compile_patterns(own_host: str) -> dict[Kind, re.Pattern[str]]:
    suffix = rf"\.(?:{_AWS}|{_LOCALSTACK}|{re.escape(own_host)})"
    return {kind: re.compile(pattern + suffix) for kind, pattern in _PATTERNS.items()}
