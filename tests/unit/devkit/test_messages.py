import json
from typing import Final

from thumbpipe_devkit.terraform.messages import Progress, parse


def _hook(
    kind: str, resource_type: str = "aws_sqs_queue", action: str = "create", *, address: str = "a"
) -> dict[str, object]:
    return {"type": kind, "hook": {"action": action, "resource": {"resource_type": resource_type, "addr": address}}}


def _planned(address: str, action: str = "create") -> dict[str, object]:
    return {"type": "planned_change", "change": {"action": action, "resource": {"addr": address}}}


def test_what_changes_is_counted_and_what_does_not_is_not() -> None:
    progress = Progress()
    progress.take(_planned("a.b"))
    progress.take(_planned("a.c", "no-op"))
    progress.take(_planned("data.d", "read"))
    assert progress.planned == ["a.b"]


def test_the_summary_names_the_kinds_that_are_waited_for() -> None:
    progress = Progress()
    for address in ("a", "b", "c"):
        progress.take(_planned(address))
    progress.take(_hook("apply_start"))
    progress.take(_hook("apply_start", "aws_s3_bucket"))
    assert progress.take(_hook("apply_complete")) == "1 of 3, waiting for s3_bucket"


LATE: Final = frozenset({"aws_s3_bucket_lifecycle_configuration"})


def test_only_resources_of_the_given_types_are_left() -> None:
    progress = Progress()
    assert not progress.lacks_only(LATE)
    for address in ("aws_sqs_queue.a", 'module.b.aws_s3_bucket_lifecycle_configuration.c["d"]'):
        progress.take(_planned(address))
    progress.take(_hook("apply_start", address="aws_sqs_queue.a"))
    assert not progress.lacks_only(LATE)
    progress.take(_hook("apply_complete", address="aws_sqs_queue.a"))
    assert progress.lacks_only(LATE)


def test_the_names_of_the_outputs_that_change_are_kept() -> None:
    progress = Progress()
    outputs = {"api_url": {"action": "create"}, "queue_url": {"action": "update"}, "key_group_id": {"action": "noop"}}
    progress.take({"type": "outputs", "outputs": outputs})
    assert progress.outputs == {"api_url", "queue_url"}


def test_reading_is_not_a_change() -> None:
    assert Progress().take(_hook("apply_complete", "aws_iam_policy_document", "read")) is None


def test_errors_are_kept_with_their_address_and_warnings_are_not() -> None:
    progress = Progress()
    for severity in ("error", "warning"):
        diagnostic = {
            "severity": severity,
            "summary": "creating queue",
            "detail": "denied",
            "address": "aws_sqs_queue.q",
        }
        progress.take({"type": "diagnostic", "diagnostic": diagnostic})
    assert progress.errors == ["aws_sqs_queue.q: creating queue: denied"]


def test_a_line_that_is_not_a_message_is_ignored() -> None:
    assert parse("Unable to parse x.tf as HCL file") is None
    assert parse("[1]") is None
    assert parse(json.dumps({"type": "version"})) == {"type": "version"}
