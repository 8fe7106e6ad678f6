"""The settings, and measures that keep the secret inside the engine's process."""

import ctypes
import re
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

SWITCH: Final = "VERIFY_SIGNATURES"

_KEY_ID: Final = "ROOT_ACCESS_KEY_ID"
_SECRET: Final = "ROOT_SECRET_ACCESS_KEY"  # noqa: S105 - a name
_ID: Final = re.compile(r"[A-Za-z0-9_.-]+")
_OF_LOCALSTACK: Final = ("__internal_call__", "injectedaccesskey")
_ON: Final = ("1", "true", "True")
_OFF: Final = ("", "0", "false", "False")


class SettingsError(Exception):
    """Invalid settings: the engine must not start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RootKey:
    """The root user's access key.

    Attributes:
        access_key: Its id.
        secret: The secret access key.
    """

    access_key: str
    secret: str = field(repr=False)


def read_switch(environ: Mapping[str, str]) -> bool:
    """Return whether signatures are to be verified.

    Raises:
        SettingsError: The value is neither 0 nor 1: `yes` must not silently start an open engine.
    """
    value = environ.get(SWITCH, "")
    if value not in _ON + _OFF:
        raise SettingsError(f"{SWITCH} is {value!r}: set 1 to have signatures verified, or 0.")
    return value in _ON


def read_root_key(environ: Mapping[str, str]) -> RootKey:
    """Return the root user's key.

    Raises:
        SettingsError: It is missing, incomplete or malformed.
    """
    access_key, secret = environ.get(_KEY_ID, ""), environ.get(_SECRET, "")
    missing = [name for name, value in ((_KEY_ID, access_key), (_SECRET, secret)) if not value.strip()]
    if missing:
        raise SettingsError(
            f"{SWITCH}=1 needs the root user's access key: set {' and '.join(missing)}, to unguessable values."
        )
    if not _ID.fullmatch(access_key) or access_key in _OF_LOCALSTACK:
        raise SettingsError(f"{_KEY_ID} must consist of letters and digits, and must not be a key of LocalStack's.")
    return RootKey(access_key=access_key, secret=secret)


def forget_secret(environ: MutableMapping[str, str]) -> None:
    """Remove the secret from all environment variables, so that no child process inherits it.

    The initial environment, which the system shows to all processes of the user, is overwritten.
    """
    secret = environ[_SECRET]
    for name in [name for name, value in environ.items() if value == secret]:
        with suppress(OSError, AttributeError):  # the platform's C library lacks that function
            _overwrite(name)
        del environ[name]


def _overwrite(name: str) -> None:
    find = ctypes.CDLL(None).getenv
    find.argtypes, find.restype = (ctypes.c_char_p,), ctypes.c_void_p
    if address := find(name.encode()):
        ctypes.memset(address, 0, len(ctypes.string_at(address)))
