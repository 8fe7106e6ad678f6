"""Terraform's output with `-json`: progress and errors."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, cast

Message = Mapping[str, Any]


def parse(line: str) -> Message | None:
    """Parse one line of output; return None for other lines, such as tflocal's."""
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return cast("Message", message) if isinstance(message, dict) else None


class Progress:
    """Counts finished and pending changes."""

    def __init__(self) -> None:
        self.planned: list[str] = []
        self.outputs: frozenset[str] = frozenset()
        self.errors: list[str] = []
        self._done: set[str] = set()
        self._waiting: Counter[str] = Counter()

    def take(self, message: Message) -> str | None:
        """Process one message, and return the progress if it has changed."""
        match message.get("type"):
            case "planned_change" if message["change"]["action"] not in {"no-op", "read"}:
                self.planned.append(str(message["change"]["resource"]["addr"]))
                return f"planning, {len(self.planned)} changes"
            case "outputs":
                # One that stays null, or as it is, says "noop".
                changing = {name for name, one in message["outputs"].items() if one.get("action") != "noop"}
                self.outputs = frozenset(changing)
            case "apply_start" | "apply_complete" | "apply_errored" if message["hook"]["action"] == "read":
                return None
            case "apply_start":
                self._waiting[_kind(message)] += 1
                return self.summary()
            case "apply_complete" | "apply_errored":
                self._waiting[_kind(message)] -= 1
                self._done.add(str(message["hook"]["resource"]["addr"]))
                return self.summary()
            case "diagnostic" if message["diagnostic"]["severity"] == "error":
                self.errors.append(_error(message["diagnostic"]))
        return None

    def summary(self) -> str:
        """Return the number of finished changes, and the resource types in progress."""
        waiting = ", ".join(sorted(kind for kind, count in (+self._waiting).items() if count))
        return f"{len(self._done)} of {len(self.planned)}" + (f", waiting for {waiting}" if waiting else "")

    def lacks_only(self, kinds: frozenset[str]) -> bool:
        """Whether all that is planned is done, but for resources of these types."""
        left = [address for address in self.planned if address not in self._done]
        return bool(self.planned) and all(not kinds.isdisjoint(address.split(".")) for address in left)


def _kind(message: Message) -> str:
    return str(message["hook"]["resource"]["resource_type"]).removeprefix("aws_")


def _error(diagnostic: Message) -> str:
    parts = [diagnostic.get("address"), diagnostic.get("summary"), diagnostic.get("detail")]
    return ": ".join(str(part).strip() for part in parts if part)
