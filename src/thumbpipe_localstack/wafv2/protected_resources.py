"""Resources that web ACLs protect besides REST API stages; their services register here, so WAF imports none."""

from collections.abc import Callable, Iterable, Iterator

Lister = Callable[[str], Iterable[str]]
"""Lists the ARNs of what a web ACL protects, given the web ACL's ARN."""

_listers: list[Lister] = []


def register(lister: Lister) -> None:
    """Register a lister."""
    _listers.append(lister)


def arns_behind(web_acl_arn: str) -> Iterator[str]:
    """Iterate over the ARNs that all listers return for a web ACL."""
    for lister in _listers:
        yield from lister(web_acl_arn)
