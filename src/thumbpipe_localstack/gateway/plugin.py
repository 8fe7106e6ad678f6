"""The hooks by which LocalStack loads the gateway's guard."""

from typing import Final

from localstack.runtime import hooks

_BEFORE_THE_NAME_SERVER: Final = 30  # which LocalStack starts at 20


@hooks.on_infra_start(priority=_BEFORE_THE_NAME_SERVER)  # type: ignore[untyped-decorator] # LocalStack ships no types
def listen_where_told() -> None:
    """Listen on exactly the addresses of `GATEWAY_LISTEN`."""
    # Imported here: plugin modules are also loaded just to list their names.
    from localstack import config, constants  # noqa: PLC0415
    from localstack.runtime import get_current_runtime  # noqa: PLC0415

    from thumbpipe_localstack.gateway import servers  # noqa: PLC0415

    servers.keep_beside_gateway(config, constants)
    servers.reach_own_gateway(config)
    servers.listen_as_told(get_current_runtime())


@hooks.on_infra_start()  # type: ignore[untyped-decorator]
def answer_to_own_names() -> None:
    """Refuse requests for other hosts before anything else sees them."""
    from localstack.runtime import get_current_runtime  # noqa: PLC0415

    from thumbpipe_localstack.gateway.guard import guard  # noqa: PLC0415
    from thumbpipe_localstack.gateway.names import names_of_settings  # noqa: PLC0415

    names_of_settings()
    guard(get_current_runtime().components.gateway)
