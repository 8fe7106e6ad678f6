"""The hooks by which LocalStack finds what guards its gateway."""

from typing import Final

from localstack.runtime import hooks

_BEFORE_THE_NAME_SERVER: Final = 30  # which LocalStack starts at 20


@hooks.on_infra_start(priority=_BEFORE_THE_NAME_SERVER)  # type: ignore[untyped-decorator] # LocalStack ships no types
def listen_where_told() -> None:
    """Make `GATEWAY_LISTEN` mean what it says."""
    # Here, not above: plugins are loaded when their names are listed, too.
    from localstack import config, constants  # noqa: PLC0415
    from localstack.runtime import get_current_runtime  # noqa: PLC0415

    from thumbpipe_localstack.gateway import servers  # noqa: PLC0415

    servers.keep_beside_gateway(config, constants)
    servers.reach_own_gateway(config)
    servers.listen_as_told(get_current_runtime())


@hooks.on_infra_start()  # type: ignore[untyped-decorator]
def answer_to_own_names() -> None:
    """Refuse requests that bear another's name, before anything else looks at them."""
    from localstack.runtime import get_current_runtime  # noqa: PLC0415

    from thumbpipe_localstack.gateway.guard import guard  # noqa: PLC0415
    from thumbpipe_localstack.gateway.names import names_of_settings  # noqa: PLC0415

    names_of_settings()
    guard(get_current_runtime().components.gateway)
