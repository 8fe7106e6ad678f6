"""The identity of a request's sender, determined once, on first use."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from localstack.constants import INTERNAL_AWS_ACCESS_KEY_ID
from localstack.http import Request
from localstack.services.s3.utils import uses_host_addressing
from localstack.utils.aws.request_context import extract_access_key_id_from_auth_header

from thumbpipe_localstack.signatures.body import Body
from thumbpipe_localstack.signatures.header import read_header
from thumbpipe_localstack.signatures.internal import TICKET_HEADER, TICKETS
from thumbpipe_localstack.signatures.key import Key, Owner
from thumbpipe_localstack.signatures.keyring import Keyring
from thumbpipe_localstack.signatures.presigned import is_presigned, read_presigned
from thumbpipe_localstack.signatures.received import Received
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError
from thumbpipe_localstack.signatures.scope import Scope
from thumbpipe_localstack.signatures.sigv2 import is_old, read_old, verify_old
from thumbpipe_localstack.signatures.verify import verify

_PLACE: Final = "thumbpipe_localstack.signatures"
_OLD_REGION: Final = "us-east-1"
_TWO: Final = "Only one auth mechanism allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who signed a request.

    Attributes:
        access_key: The key's id.
        scope: Key, region and service; None if unsigned, or if LocalStack itself made the call.
        owner: The key's owner; None if unsigned.
        is_in_url: Whether the signature is in the URL.
    """

    access_key: str
    scope: Scope | None = None
    owner: Owner | None = None
    is_in_url: bool = False


NOBODY_KEY: Final = "injectedaccesskey"
"""The key id that LocalStack puts into unsigned requests. It stands for an anonymous caller here, too."""

NOBODY: Final = Identity(access_key=NOBODY_KEY)


class Caller:
    """The sender of a request, determined on first use.

    Args:
        received: The request as received.
        body: Its body.
        keyring: The engine's keys.
        has_ticket: Whether LocalStack itself sent it.
    """

    def __init__(self, received: Received, body: Body, keyring: Keyring, *, has_ticket: bool) -> None:
        self.received = received
        self.has_ticket = has_ticket
        self._body = body
        self._keyring = keyring
        self._found: Identity | RefusedError | None = None

    def identity(self) -> Identity:
        """Return who signed the request.

        Raises:
            RefusedError: Its signature is invalid.
        """
        if self._found is None:
            self._found = self._find()
        if isinstance(self._found, RefusedError):
            raise self._found
        return self._found

    @property
    def acts_for_nobody(self) -> bool:
        """Whether LocalStack makes this call on behalf of an anonymous caller."""
        return self.has_ticket and self._named_key() == NOBODY_KEY

    def _named_key(self) -> str | None:
        key: str | None = extract_access_key_id_from_auth_header(
            {"Authorization": self.received.header("authorization") or ""}
        )
        return key

    def find_key(self, access_key: str, region: str) -> Key:
        """Return the key that a request names.

        Raises:
            RefusedError: There is no such key.
        """
        key = self._keyring.find(access_key, region)
        if key is None:
            raise RefusedError(Reason.UNKNOWN_KEY, details={"AWSAccessKeyId": access_key})
        return key

    def _find(self) -> Identity | RefusedError:
        try:
            return self._verify(datetime.now(UTC))
        except RefusedError as error:
            return error

    def _verify(self, now: datetime) -> Identity:
        received = self.received
        authorization = received.header("authorization")
        in_url = is_presigned(received) or is_old(received)
        if self.has_ticket:
            return Identity(access_key=self._named_key() or INTERNAL_AWS_ACCESS_KEY_ID, owner=Owner.ENGINE)
        if authorization and in_url:
            raise RefusedError(Reason.MALFORMED, _TWO, code="InvalidArgument")
        if is_presigned(received):
            claim = read_presigned(received)
        elif is_old(received):
            return self._verify_old(now)
        elif authorization:
            claim = read_header(received)
        else:
            return NOBODY
        key = self.find_key(claim.scope.access_key, claim.scope.region)
        verify(received, claim, key, self._body, now)
        return Identity(
            access_key=claim.scope.access_key, scope=claim.scope, owner=key.owner, is_in_url=claim.is_presigned
        )

    def _verify_old(self, now: datetime) -> Identity:
        claim = read_old(self.received)
        key = self.find_key(claim.access_key, _OLD_REGION)
        host = {"host": self.received.header("host") or ""}
        verify_old(self.received, claim, key, uses_host_addressing(host) or "", now)
        scope = Scope(access_key=claim.access_key, date="19700101", region=_OLD_REGION, service="s3")
        return Identity(access_key=claim.access_key, scope=scope, owner=key.owner, is_in_url=True)


def read_received(request: Request) -> Received:
    """Return a request as it was received."""
    environ = request.environ
    target = environ.get("RAW_URI") or f"{request.path}?{environ.get('QUERY_STRING', '')}"
    return Received.create(request.method, target, request.headers.items())


def remember_caller(request: Request, keyring: Keyring) -> Caller:
    """Determine whether LocalStack itself sent a request, and attach the sender to it."""
    received = read_received(request)
    ticket = received.header(TICKET_HEADER)
    has_ticket = ticket is not None and TICKETS.redeem(
        ticket,
        received.method,
        f"{received.path}?{received.query}" if received.query else received.path,
        received.header("authorization") or "",
    )
    caller = Caller(received, Body(request.environ), keyring, has_ticket=has_ticket)
    request.environ[_PLACE] = caller
    return caller


def caller_of(request: Request, keyring: Keyring) -> Caller:
    """Return what is known of a request's sender; one that was made inside this process has said nothing yet."""
    found: Any = request.environ.get(_PLACE)
    return found if isinstance(found, Caller) else remember_caller(request, keyring)
