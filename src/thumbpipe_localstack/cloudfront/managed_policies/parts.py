"""Parts of managed policies."""

from collections.abc import Iterable
from typing import Any, Final

YEAR_SECONDS: Final = 31_536_000
DAY_SECONDS: Final = 86_400


def quantity(items: Iterable[str]) -> dict[str, Any]:
    """Return items as a list in CloudFront's model."""
    listed = list(items)
    return {"Quantity": len(listed), "Items": listed}


def choose(behavior: str, names: Iterable[str], *, what: str) -> dict[str, Any]:
    """Return a policy's settings for headers, cookies or query strings.

    Args:
        behavior: `none`, `whitelist`, `allExcept`, `all` and so on.
        names: The names, if the behaviour needs any.
        what: `Header`, `Cookie` or `QueryString`.
    """
    listed = quantity(names)
    return {f"{what}Behavior": behavior} | ({f"{what}s": listed} if listed["Quantity"] else {})
