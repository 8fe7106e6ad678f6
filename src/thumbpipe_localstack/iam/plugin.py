"""The hook by which LocalStack finds IAM enforcement; ``ENFORCE_IAM=1`` switches it on."""

from localstack import config
from localstack.runtime import hooks


def _is_wanted() -> bool:
    return bool(config.is_env_true("ENFORCE_IAM"))


@hooks.on_infra_start(should_load=_is_wanted)  # type: ignore[untyped-decorator]
def enforce_iam() -> None:
    """Put the check behind the parsing of a request and before the service that serves it."""
    # Here, not above: the handler's imports take a quarter of a second, for which only those wait who want it.
    from localstack.aws.handlers import serve_custom_service_request_handlers  # noqa: PLC0415

    from thumbpipe_localstack.iam.deleted_objects import report_refused_objects  # noqa: PLC0415
    from thumbpipe_localstack.iam.handler import enforce  # noqa: PLC0415

    report_refused_objects()
    serve_custom_service_request_handlers.append(enforce)
