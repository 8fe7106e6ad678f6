"""Rotation of the key pair that signs, such that no URL stops working before it expires.

A pair goes through three phases. Its public key is added to CloudFront; then its private key is activated; and when
another pair is active, it stays accepted until the last URL that it signed has expired. Only then is it retired. There
are at most two pairs at a time, so a rotation begins with the retirement of the pair before the active one.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from thumbpipe_devkit.errors import KeysUnchangedError
from thumbpipe_devkit.keys.pair import KeyPair
from thumbpipe_devkit.keys.parameter import KeyInUse, KeyParameter

GALLERY_KEEPS_S: Final = 60
"""How long a warm gallery function may keep signing with a key after it has been replaced."""


class Deployment(Protocol):
    """A stack to which Terraform can be applied again."""

    @property
    def public_keys(self) -> Mapping[str, str]:
        """The public keys that it was applied with, by name; empty if its delivery is public."""

    @property
    def url_expires_seconds(self) -> int:
        """How long a signed URL is valid."""

    @property
    def spreads_within_s(self) -> float:
        """How long CloudFront may take after an apply until every edge location accepts a new public key."""

    def key_ids(self) -> Mapping[str, str]:
        """CloudFront's ids of the public keys, by name."""

    def apply(self, public_keys: Mapping[str, str]) -> None:
        """Apply the stack with these public keys instead of its current ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The state of a stack's pairs.

    Attributes:
        in_use: The name of the active pair.
        older: The names of the older pairs that are still accepted.
        free_at: When the last URL of the older pairs expires, in seconds since the epoch.
    """

    in_use: str
    older: tuple[str, ...]
    free_at: float


class Rotation:
    """Changes the pairs of one stack.

    Args:
        deployment: The stack.
        parameter: The parameter from which its gallery reads the private key.
        say: Called with progress messages.
        now: Returns the time, in seconds since the epoch.
        pause: Sleeps for a number of seconds.
    """

    def __init__(
        self,
        deployment: Deployment,
        parameter: KeyParameter,
        say: Callable[[str], None],
        *,
        now: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._deployment = deployment
        self._parameter = parameter
        self._say = say
        self._now = now
        self._pause = pause

    def state(self) -> State:
        """Return the state of the pairs.

        Raises:
            KeysUnchangedError: The stack signs nothing, or its active pair is not in Terraform's state.
        """
        names = {key_id: name for name, key_id in self._deployment.key_ids().items()}
        if not names:
            raise KeysUnchangedError("the stack's delivery is public: nothing is signed")
        used: KeyInUse = self._parameter.in_use()
        if used.key_id not in names:
            raise KeysUnchangedError(f"the active key, {used.key_id}, was not created by Terraform")
        in_use = names.pop(used.key_id)
        free_at = used.since + GALLERY_KEEPS_S + self._deployment.url_expires_seconds
        return State(in_use=in_use, older=tuple(sorted(names.values())), free_at=free_at)

    def rotate(self, *, wait: bool) -> None:
        """Activate a new pair, and retire the one before the current one.

        The current one stays accepted for URLs that it has signed; with `wait` it is retired as soon as they expire.

        Raises:
            KeysUnchangedError: A URL signed by the one before has not expired yet, and `wait` is not set.
        """
        state = self._free(self.state(), wait=wait)
        pair = KeyPair.make()
        kept = self._deployment.public_keys[state.in_use]
        self._say(f"adding the public key of {pair.name} to CloudFront")
        self._deployment.apply({state.in_use: kept, pair.name: pair.public_key})
        self._pause(self._deployment.spreads_within_s)
        self._parameter.put(pair, self._deployment.key_ids()[pair.name])
        self._say(f"{pair.name} is active: within {GALLERY_KEEPS_S} s all new URLs are signed with it")
        if wait:
            self.retire(wait=True)
        else:
            until = _clock(self.state().free_at)
            self._say(f"{state.in_use} stays accepted until {until}, when its URLs have expired; retire it then")

    def retire(self, *, wait: bool) -> None:
        """Remove all pairs but the active one from CloudFront.

        Raises:
            KeysUnchangedError: A URL signed by one of them has not expired yet, and `wait` is not set.
        """
        state = self.state()
        if not state.older:
            self._say(f"{state.in_use} is active, and there is no older pair")
            return
        self._free(state, wait=wait)
        self._deployment.apply({state.in_use: self._deployment.public_keys[state.in_use]})
        self._say(f"{', '.join(state.older)} is retired")

    def _free(self, state: State, *, wait: bool) -> State:
        """Wait, if necessary and allowed, until the last URL of the older pairs has expired."""
        left = state.free_at - self._now()
        if not state.older or left <= 0:
            return state
        what = f"URLs signed by {', '.join(state.older)} are valid until {_clock(state.free_at)}"
        if not wait:
            raise KeysUnchangedError(f"{what}, and would stop working before they expire")
        self._say(f"waiting {left:.0f} s: {what}")
        self._pause(left)
        return state


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
