"""`GetSessionToken` and `GetFederationToken`, for which moto returns the same example keys to all callers."""

import secrets
from datetime import timedelta
from typing import Any, Final

from localstack.aws.api import CommonServiceException
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.iam import utils as iam_utils
from moto.iam.models import iam_backends
from moto.sts.responses import TokenResponse
from moto.sts.utils import random_session_token

from thumbpipe_localstack.iam.sessions import GrantedSession

_DEFAULT_SECONDS: Final = 43_200
_get_federation_token = TokenResponse.get_federation_token


def give_real_keys() -> None:
    """Make STS issue random keys, and remember them."""
    utils: Any = iam_utils
    responses: Any = TokenResponse
    # The state of moto's generator follows from a few hundred of its ids: its secrets would be predictable.
    utils.random = secrets.SystemRandom()
    responses.get_session_token = _answer_session
    responses.get_federation_token = _answer_federation


def _find_user(response: Any, operation: str) -> Any | None:  # noqa: ANN401 - moto is not there when types are checked
    """Return the calling user, or None for the root user.

    Raises:
        CommonServiceException: The caller has temporary credentials.
    """
    backend = iam_backends[response.current_account][response.partition]
    key = backend.access_keys.get(response.get_access_key())
    if key is None:
        return None
    if key.user_name is None:
        message = f"Cannot call {operation} with session credentials"
        raise CommonServiceException("AccessDenied", message, status_code=403, sender_fault=True)
    return backend.users[key.user_name]


def _grant(response: Any, user: Any | None, **identity: Any) -> GrantedSession:  # noqa: ANN401
    account, partition = response.current_account, response.partition
    key = iam_backends[account][partition].create_temp_access_key()
    seconds = response._get_int_param("DurationSeconds", _DEFAULT_SECONDS)  # noqa: SLF001 - as moto's own does
    session = GrantedSession(
        access_key_id=key.access_key_id,
        secret_access_key=key.secret_access_key,
        session_token=random_session_token(),
        expiration=utcnow() + timedelta(seconds=seconds),
        account_id=account,
        user_name=user.name if user else None,
        **identity,
    )
    response.backend.assumed_roles.append(session)
    return session


def _describe(session: GrantedSession) -> dict[str, Any]:
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
        "Expiration": session.expiration,
    }


def _answer_session(response: Any) -> ActionResult:  # noqa: ANN401
    user = _find_user(response, "GetSessionToken")
    account = response.current_account
    root = f"arn:{response.partition}:iam::{account}:root"
    session = _grant(response, user, arn=user.arn if user else root, user_id=user.id if user else account)
    return ActionResult({"Credentials": _describe(session)})


def _answer_federation(response: Any) -> ActionResult:  # noqa: ANN401
    answer: Any = _get_federation_token(response).result  # checks the policy's length
    user = _find_user(response, "GetFederationToken")
    federated = answer["FederatedUser"]
    session = _grant(
        response,
        user,
        arn=federated["Arn"],
        user_id=federated["FederatedUserId"],
        is_federated=True,
        policy=response._get_param("Policy"),  # noqa: SLF001 - as moto's own does
    )
    return ActionResult({**answer, "Credentials": _describe(session)})
