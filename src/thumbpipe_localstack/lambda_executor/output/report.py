"""The lines that Lambda writes about an invocation: as text, or as JSON platform events."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, Protocol

from thumbpipe_localstack.lambda_executor.faults import Fault

SystemLogLevel = Literal["DEBUG", "INFO", "WARN"]
_LEVELS: Final[tuple[SystemLogLevel, ...]] = ("DEBUG", "INFO", "WARN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The measurements of an invocation.

    Attributes:
        duration_ms: From sending the event to receiving the response.
        init_ms: The initialization, if this invocation was the environment's first.
        memory_mb: The function's memory size.
        max_memory_mb: The most memory that the environment has used so far.
        produced_bytes: Size of the response.
    """

    duration_ms: float
    init_ms: float | None
    memory_mb: int
    max_memory_mb: int
    produced_bytes: int

    @property
    def billed_ms(self) -> int:
        """Whole milliseconds, initialization included, as Lambda bills since August 2025."""
        return math.ceil(self.duration_ms + (self.init_ms or 0))


class Reporter(Protocol):
    """Makes the platform's log lines; none where the log level excludes them."""

    def init_start(self) -> list[str]:
        """The environment begins to initialize."""

    def init_failed(self, init_ms: float, fault: Fault) -> list[str]:
        """The initialization before the first invocation failed or timed out."""

    def start(self, request_id: str) -> list[str]:
        """An invocation begins."""

    def end(self, request_id: str, measured: Measured, fault: Fault | None) -> list[str]:
        """An invocation ends."""


@dataclass(frozen=True, slots=True)
class TextReporter:
    """Lambda's plain-text lines."""

    version: str
    runtime: str

    def init_start(self) -> list[str]:
        """See Reporter."""
        return [f"INIT_START Runtime Version: {self.runtime}"]

    def init_failed(self, init_ms: float, fault: Fault) -> list[str]:
        """See Reporter."""
        line = f"INIT_REPORT Init Duration: {init_ms:.2f} ms\tPhase: init\tStatus: {fault.status}"
        return [line if fault.status == "timeout" else f"{line}\tError Type: {fault.error_type}"]

    def start(self, request_id: str) -> list[str]:
        """See Reporter."""
        return [f"START RequestId: {request_id} Version: {self.version}"]

    def end(self, request_id: str, measured: Measured, fault: Fault | None) -> list[str]:
        """See Reporter."""
        fields = [
            f"REPORT RequestId: {request_id}",
            f"Duration: {measured.duration_ms:.2f} ms",
            f"Billed Duration: {measured.billed_ms} ms",
            f"Memory Size: {measured.memory_mb} MB",
            f"Max Memory Used: {measured.max_memory_mb} MB",
        ]
        if measured.init_ms is not None:
            fields.append(f"Init Duration: {measured.init_ms:.2f} ms")
        if fault:
            fields.append(f"Status: {fault.status}")
        if fault and fault.status == "error":
            fields.append(f"Error Type: {fault.error_type}")
        lines = [f"END RequestId: {request_id}", "\t".join(fields) + "\t"]
        if fault and fault.status == "timeout":
            lines.insert(0, f"{_utc_now()} {request_id} {fault.message}")
        elif fault and fault.ended_process:
            lines.insert(0, f"RequestId: {request_id} Error: {fault.message}\n{fault.error_type}")
        return lines


@dataclass(frozen=True, slots=True)
class JsonReporter:
    """Lambda's platform events, each at Lambda's log level."""

    version: str
    runtime: str
    level: SystemLogLevel

    def init_start(self) -> list[str]:
        """See Reporter."""
        record = {"initializationType": "on-demand", "phase": "init", "runtimeVersion": self.runtime}
        return self._event("INFO", "platform.initStart", record | {"functionVersion": self.version})

    def init_failed(self, init_ms: float, fault: Fault) -> list[str]:
        """See Reporter."""
        metrics = {"durationMs": round(init_ms, 3)}
        record = {"initializationType": "on-demand", "phase": "init", "metrics": metrics, **_status(fault)}
        return self._event("WARN", "platform.initReport", record)

    def start(self, request_id: str) -> list[str]:
        """See Reporter."""
        return self._event("INFO", "platform.start", {"requestId": request_id, "version": self.version})

    def end(self, request_id: str, measured: Measured, fault: Fault | None) -> list[str]:
        """See Reporter."""
        done = {"durationMs": round(measured.duration_ms, 3), "producedBytes": measured.produced_bytes}
        metrics: dict[str, float] = {
            "durationMs": round(measured.duration_ms, 3),
            "billedDurationMs": measured.billed_ms,
            "memorySizeMB": measured.memory_mb,
            "maxMemoryUsedMB": measured.max_memory_mb,
        }
        if measured.init_ms is not None:
            metrics["initDurationMs"] = round(measured.init_ms, 3)
        record: dict[str, object] = {"requestId": request_id, **_status(fault)}
        return [
            *self._event("WARN" if fault else "DEBUG", "platform.runtimeDone", record | {"metrics": done}),
            *self._event("WARN" if fault else "INFO", "platform.report", record | {"metrics": metrics}),
        ]

    def _event(self, level: SystemLogLevel, kind: str, record: Mapping[str, object]) -> list[str]:
        if _LEVELS.index(level) < _LEVELS.index(self.level):
            return []
        return [json.dumps({"time": _utc_now(), "type": kind, "record": record})]


def _status(fault: Fault | None) -> dict[str, str]:
    return {"status": fault.status, "errorType": fault.error_type} if fault else {"status": "success"}


def _utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
