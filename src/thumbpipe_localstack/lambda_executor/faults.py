"""Errors that Lambda reports for a function."""

import json
from dataclasses import dataclass
from typing import Final

MAX_RESPONSE_BYTES: Final = 6 * 1024 * 1024 + 100
"""Lambda's limit for a synchronous response."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An error of the platform.

    Attributes:
        error_type: Lambda's error type.
        message: Lambda's error message.
        status: The invocation's status in the REPORT line.
        ended_process: Whether the process ended without reporting an error itself.
    """

    error_type: str
    message: str
    status: str = "error"
    ended_process: bool = False

    def to_payload(self, request_id: str | None = None) -> bytes:
        """Return the error as the response to an invocation, with the request id if one is given."""
        message = f"RequestId: {request_id} Error: {self.message}" if request_id else self.message
        return json.dumps({"errorType": self.error_type, "errorMessage": message}).encode()


class FaultError(Exception):
    """An invocation or an initialization failed for a reason that the platform reports.

    Args:
        fault: What is reported.
        payload: The response, if the runtime client reported one.
    """

    def __init__(self, fault: Fault, payload: bytes | None = None) -> None:
        super().__init__(fault.message)
        self.fault = fault
        self.payload = payload


def timed_out(seconds: float) -> Fault:
    """The function timed out."""
    return Fault("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds", "timeout")


def exited(reason: str) -> Fault:
    """The process exited; for the reason see ``child_process.describe_exit``."""
    return Fault("Runtime.ExitError", reason, ended_process=True)


def out_of_memory() -> Fault:
    """The environment exceeded its memory size."""
    return Fault("Runtime.OutOfMemory", "Runtime exited with error: signal: killed", ended_process=True)


def init_failed(error: bytes) -> Fault:
    """The handler's module could not be loaded; the runtime client reported the error as JSON."""
    try:
        report = json.loads(error)
        return Fault(report["errorType"], report["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return Fault("Runtime.Unknown", error.decode(errors="replace"))


def response_too_large() -> Fault:
    """The response exceeds Lambda's limit."""
    limit = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
    return Fault("Function.ResponseSizeTooLarge", limit)
