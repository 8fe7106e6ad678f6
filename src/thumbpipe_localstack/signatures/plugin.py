"""The hook by which LocalStack finds the verification of signatures; ``VERIFY_SIGNATURES=1`` switches it on."""

import os
from typing import Any, Final

from localstack.runtime import hooks

# Before all other hooks, so that none creates a client without tickets or starts a process that inherits the secret.
_FIRST: Final = 1_000


@hooks.on_infra_start(priority=_FIRST)  # type: ignore[untyped-decorator] # LocalStack ships no types
def verify_signatures() -> None:
    """Make LocalStack verify signatures.

    An exception here stops LocalStack before it listens: it must not run without verification.
    """
    from thumbpipe_localstack.signatures.settings import (  # noqa: PLC0415 - plugins are loaded to be listed, too
        SettingsError,
        forget_secret,
        read_root_key,
        read_switch,
    )

    try:
        if not read_switch(os.environ):
            return
        root = read_root_key(os.environ)
    except SettingsError as error:
        from localstack.runtime.exceptions import LocalstackExit  # noqa: PLC0415

        raise LocalstackExit(reason=str(error), code=1) from error
    forget_secret(os.environ)
    _install(root)


def _install(root: Any) -> None:  # noqa: ANN401 - its type is imported below
    """Add the handlers to LocalStack's chain, and patch what would bypass them."""
    from localstack.aws import handlers  # noqa: PLC0415 - as above
    from localstack.runtime import get_current_runtime  # noqa: PLC0415
    from localstack.services.edge import ROUTER  # noqa: PLC0415

    from thumbpipe_localstack.signatures import gateway_integrations, internal, rest_apis, websites  # noqa: PLC0415
    from thumbpipe_localstack.signatures.gate import Gate  # noqa: PLC0415
    from thumbpipe_localstack.signatures.handler import Verifier  # noqa: PLC0415
    from thumbpipe_localstack.signatures.keyring import Keyring  # noqa: PLC0415
    from thumbpipe_localstack.signatures.presigned_parameters import ParametersToHeaders  # noqa: PLC0415
    from thumbpipe_localstack.signatures.temporary import give_real_keys  # noqa: PLC0415

    internal.replace_secret()
    internal.use_tickets()
    gateway_integrations.use_tickets()
    give_real_keys()
    websites.read_as_nobody()

    keyring = Keyring(root)
    gate, verifier = Gate(keyring), Verifier(keyring)
    gate.guard(ROUTER)
    gate.guard(handlers.serve_localstack_resources.resources)
    rest_apis.require_signatures(gate)
    handlers.parse_pre_signed_url_request.pre_signed_handlers["s3"] = ParametersToHeaders(keyring)

    chain = get_current_runtime().components.gateway.request_handlers
    chain.insert(chain.index(handlers.add_internal_request_params), verifier.receive)
    chain.insert(chain.index(handlers.parse_service_name), verifier.identify)
    chain.insert(chain.index(handlers.parse_service_name) + 1, verifier.admit)
    chain.insert(chain.index(handlers.serve_custom_service_request_handlers), verifier.judge)
