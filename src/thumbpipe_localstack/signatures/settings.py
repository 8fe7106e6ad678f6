"""The settings, and what is done so that a secret stays with the engine."""

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
    """Settings with which the engine must not start."""


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
    """Tell whether signatures are to be verified.

    Raises:
        SettingsError: The setting is neither on nor off: whoever wrote `yes` must not get an open engine.
    """
    value = environ.get(SWITCH, "")
    if value not in _ON + _OFF:
        raise SettingsError(f"{SWITCH} is {value!r}: set 1 to have signatures verified, or 0.")
    return value in _ON


def read_root_key(environ: Mapping[str, str]) -> RootKey:
    """Return the root user's key.

    Raises:
        SettingsError: There is none, or half of one.
    """
    access_key, secret = environ.get(_KEY_ID, ""), environ.get(_SECRET, "")
    missing = [name for name, value in ((_KEY_ID, access_key), (_SECRET, secret)) if not value.strip()]
    if missing:
        raise SettingsError(
            f"{SWITCH}=1 needs the root user's access key: set {' and '.join(missing)}, to what nobody else knows."
        )
    if not _ID.fullmatch(access_key) or access_key in _OF_LOCALSTACK:
        raise SettingsError(f"{_KEY_ID} is no name of an access key: letters and digits, and none of LocalStack's own.")
    return RootKey(access_key=access_key, secret=secret)


def forget_secret(environ: MutableMapping[str, str]) -> None:
    """Take the secret out of the environment, under whatever name, so that no child process inherits it.

    The system shows what a process was started with to all processes of its user: there it is overwritten.
    """
    secret = environ[_SECRET]
    for name in [name for name, value in environ.items() if value == secret]:
        with suppress(OSError, AttributeError):  # a platform without that function in its C library
            _overwrite(name)
        del environ[name]


def _overwrite(name: str) -> None:
    find = ctypes.CDLL(None).getenv
    find.argtypes, find.restype = (ctypes.c_char_p,), ctypes.c_void_p
    if address := find(name.encode()):
        ctypes.memset(address, 0, len(ctypes.string_at(address)))
