"""Terraform's plan, resource by resource."""

import re
from typing import Any

Planned = dict[str, dict[str, Any]]
"""The planned values of each resource by its address, as far as they are known before it is made."""


def of_type(planned: Planned, *kinds: str) -> Planned:
    """Return the resources of some types, those in modules included."""
    return {address: values for address, values in planned.items() if _type(address) in kinds}


def _type(address: str) -> str:
    return re.sub(r"\[[^]]*\]", "", address).split(".")[-2]
