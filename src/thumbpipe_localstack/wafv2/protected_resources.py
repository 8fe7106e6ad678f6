"""What web ACLs protect besides stages of REST APIs: whoever serves it registers here, so that WAF need not know it."""

from collections.abc import Callable, Iterable, Iterator

Lister = Callable[[str], Iterable[str]]
"""Lists the ARNs of what a web ACL protects, given the web ACL's ARN."""

_listers: list[Lister] = []


def register(lister: Lister) -> None:
    """Have a lister asked whenever it matters what a web ACL protects."""
    _listers.append(lister)


def arns_behind(web_acl_arn: str) -> Iterator[str]:
    """Go through the ARNs of what a web ACL protects."""
    for lister in _listers:
        yield from lister(web_acl_arn)
