"""The change of the pair that signs, without a URL that stops working before its time.

A pair has three ages. Its public half becomes known to CloudFront; then its private half is put to use; and when
another one is in use, it is still accepted until the last URL that it signed is over. Only then it is retired. At most
two pairs are known at once, so a rotation begins with the retirement of the pair before the one in use.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from thumbpipe_devkit.errors import KeysUnchangedError
from thumbpipe_devkit.keys.pair import KeyPair
from thumbpipe_devkit.keys.parameter import KeyInUse, KeyParameter

GALLERY_KEEPS_S: Final = 60
"""How long a warm gallery function may go on signing with the key that it has read."""


class Deployment(Protocol):
    """A stack that Terraform can be run on again."""

    @property
    def public_keys(self) -> Mapping[str, str]:
        """The public halves that it was applied with, by name; empty where its delivery is public."""

    @property
    def url_expires_seconds(self) -> int:
        """How long a signed URL is good for."""

    @property
    def spreads_within_s(self) -> float:
        """How long CloudFront may take, after an apply, until every edge location knows a new public key."""

    def key_ids(self) -> Mapping[str, str]:
        """CloudFront's ids of the public halves, by name."""

    def apply(self, public_keys: Mapping[str, str]) -> None:
        """Apply the stack with these public halves in place of those that it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where a stack's pairs stand.

    Attributes:
        in_use: The name of the pair that signs.
        older: The names of those that are still accepted.
        free_at: When what the older ones signed is over, in seconds since 1970.
    """

    in_use: str
    older: tuple[str, ...]
    free_at: float


class Rotation:
    """Changes the pairs of one stack.

    Args:
        deployment: The stack.
        parameter: Where its gallery reads the private key.
        say: Told what goes on.
        now: Tells the time, in seconds since 1970.
        pause: Waits for some seconds.
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
        """Say where the pairs stand.

        Raises:
            KeysUnchangedError: The stack signs nothing, or with a pair that Terraform does not know.
        """
        names = {key_id: name for name, key_id in self._deployment.key_ids().items()}
        if not names:
            raise KeysUnchangedError("the stack's delivery is public: nothing is signed")
        used: KeyInUse = self._parameter.in_use()
        if used.key_id not in names:
            raise KeysUnchangedError(f"the key in use, {used.key_id}, is none that Terraform made")
        in_use = names.pop(used.key_id)
        free_at = used.since + GALLERY_KEEPS_S + self._deployment.url_expires_seconds
        return State(in_use=in_use, older=tuple(sorted(names.values())), free_at=free_at)

    def rotate(self, *, wait: bool) -> None:
        """Put a new pair to use, and retire the one before the present one.

        The present one stays accepted for what it has signed; with `wait` it is retired as soon as that is over.

        Raises:
            KeysUnchangedError: The one before signed something that is not over yet, and there is to be no waiting.
        """
        state = self._free(self.state(), wait=wait)
        pair = KeyPair.make()
        kept = self._deployment.public_keys[state.in_use]
        self._say(f"CloudFront learns the public key of {pair.name}")
        self._deployment.apply({state.in_use: kept, pair.name: pair.public_key})
        self._pause(self._deployment.spreads_within_s)
        self._parameter.put(pair, self._deployment.key_ids()[pair.name])
        self._say(f"{pair.name} is in use: every URL is signed with it within {GALLERY_KEEPS_S} s")
        if wait:
            self.retire(wait=True)
        else:
            until = _clock(self.state().free_at)
            self._say(f"{state.in_use} stays accepted for what it signed, until {until}; retire it then or later")

    def retire(self, *, wait: bool) -> None:
        """Make CloudFront forget all pairs but the one in use.

        Raises:
            KeysUnchangedError: One of them signed something that is not over yet, and there is to be no waiting.
        """
        state = self.state()
        if not state.older:
            self._say(f"{state.in_use} is in use, and there is no older pair")
            return
        self._free(state, wait=wait)
        self._deployment.apply({state.in_use: self._deployment.public_keys[state.in_use]})
        self._say(f"{', '.join(state.older)} is retired")

    def _free(self, state: State, *, wait: bool) -> State:
        """Wait, if need be and allowed, until the older pairs' last URL is over."""
        left = state.free_at - self._now()
        if not state.older or left <= 0:
            return state
        what = f"what {', '.join(state.older)} signed is good until {_clock(state.free_at)}"
        if not wait:
            raise KeysUnchangedError(f"{what}, and would be refused before its time")
        self._say(f"waiting {left:.0f} s: {what}")
        self._pause(left)
        return state


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
