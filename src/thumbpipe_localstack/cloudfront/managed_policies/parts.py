"""What managed policies are put together from."""

from collections.abc import Iterable
from typing import Any, Final

YEAR_SECONDS: Final = 31_536_000
DAY_SECONDS: Final = 86_400


def quantity(items: Iterable[str]) -> dict[str, Any]:
    """Return items as CloudFront's model has a quantity of them."""
    listed = list(items)
    return {"Quantity": len(listed), "Items": listed}


def choose(behavior: str, names: Iterable[str], *, what: str) -> dict[str, Any]:
    """Return the part of a policy that says which headers, cookies or query strings it means.

    Args:
        behavior: `none`, `whitelist`, `allExcept`, `all` and so on.
        names: Which, where the behavior needs to know.
        what: `Header`, `Cookie` or `QueryString`.
    """
    listed = quantity(names)
    return {f"{what}Behavior": behavior} | ({f"{what}s": listed} if listed["Quantity"] else {})
