"""S3 event notifications with real sequencers.

LocalStack sends the same `sequencer` with every event. A consumer that orders events by it, as AWS documents
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html), would treat each overwrite
of a key as a duplicate. With this fix each event has a greater one than those before it.
"""

import functools
import json
import threading
import time
from collections.abc import Callable
from typing import Any

from localstack.runtime import hooks
from localstack.services.s3.notifications import BaseNotifier, EventBridgeNotifier, S3EventNotificationContext
from localstack.utils.patch import patch


class SequencerClock:
    """Generates hexadecimal sequencers of equal length, each greater than the last, even after a restart."""

    def __init__(self, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._now_ns = now_ns
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> str:
        """Return the next sequencer, 18 upper-case hexadecimal digits."""
        with self._lock:
            self._last = max(self._last + 1, self._now_ns())
            return f"{self._last:018X}"


# LocalStack ships no types: its contexts and events are `Any` here.
def _sequenced_records(original: Callable[..., Any], context: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
    event = original(context, *args, **kwargs)
    for record in event["Records"]:
        _replace_sequencer(record["s3"]["object"], context)
    return event


def _sequenced_entry(original: Callable[..., Any], context: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
    entry = original(context, *args, **kwargs)
    detail = json.loads(entry["Detail"])
    _replace_sequencer(detail["object"], context)
    return {**entry, "Detail": json.dumps(detail)}


def _replace_sequencer(s3_object: dict[str, Any], context: Any) -> None:  # noqa: ANN401
    # Events that have none on AWS (tagging, ACLs) get none.
    if "sequencer" in s3_object:
        s3_object["sequencer"] = context.sequencer


@hooks.on_infra_start()  # type: ignore[untyped-decorator]
def use_real_sequencers() -> None:
    """Patch LocalStack's notifiers: each change of an object has one sequencer, the same in all notifications."""
    clock = SequencerClock()

    @patch(S3EventNotificationContext.from_request_context)  # type: ignore[untyped-decorator]
    def from_request_context(original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        context = original(*args, **kwargs)
        context.sequencer = clock.next()
        return context

    for notifier, sequenced in ((BaseNotifier, _sequenced_records), (EventBridgeNotifier, _sequenced_entry)):
        original = notifier._get_event_payload  # noqa: SLF001 - the one place where LocalStack builds the event
        notifier._get_event_payload = staticmethod(functools.partial(sequenced, original))  # noqa: SLF001
