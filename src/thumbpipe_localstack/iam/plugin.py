"""The hook by which LocalStack loads IAM enforcement; ``ENFORCE_IAM=1`` switches it on."""

from localstack import config
from localstack.runtime import hooks


def _is_wanted() -> bool:
    return bool(config.is_env_true("ENFORCE_IAM"))


@hooks.on_infra_start(should_load=_is_wanted)  # type: ignore[untyped-decorator]
def enforce_iam() -> None:
    """Add the check to the chain, after a request is parsed and before a service handles it."""
    # Imported here: loading the handler takes a quarter of a second, which is only spent if it is used.
    from localstack.aws.handlers import serve_custom_service_request_handlers  # noqa: PLC0415

    from thumbpipe_localstack.iam.deleted_objects import report_refused_objects  # noqa: PLC0415
    from thumbpipe_localstack.iam.handler import enforce  # noqa: PLC0415

    report_refused_objects()
    serve_custom_service_request_handlers.append(enforce)
