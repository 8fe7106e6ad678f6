"""Folders and files that no other user of the machine can read or replace."""

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from thumbpipe_devkit.errors import CacheNotPrivateError

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_MANY_LINKS: Final = 40  # Linux's limit for symbolic links


def keep_files_private() -> int:
    """Make all files that this process and its children create from now on accessible to their user only.

    Returns:
        The previous umask.
    """
    return os.umask(_OTHERS)


def private_folder(folder: Path) -> Path:
    """Create a folder that only its user can access, with its parents, or restrict an existing one.

    Raises:
        CacheNotPrivateError: It belongs to another user, or cannot be restricted.
    """
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        missing.mkdir(mode=stat.S_IRWXU, exist_ok=True)
    found = folder.stat()
    if found.st_uid != os.geteuid():
        raise CacheNotPrivateError(f"{folder} belongs to {_name(found.st_uid)}")
    if found.st_mode & _OTHERS:
        folder.chmod(stat.S_IRWXU)
        # Some file systems accept a mode but do not store it.
        if folder.stat().st_mode & _OTHERS:
            raise CacheNotPrivateError(f"{folder} is open to other users, and its file system stores no permissions")
    return folder


def refuse_if_replaceable(folder: Path) -> None:
    """Check that no other user can replace a folder.

    Args:
        folder: An absolute path. Parts of it may be symbolic links, or not exist yet.

    Raises:
        CacheNotPrivateError: Another user can.
    """
    for place in _looked_up(folder):
        try:
            found = place.lstat()
        except FileNotFoundError:
            return
        if not _is_trusted(found.st_uid):
            raise CacheNotPrivateError(f"{place}, a parent of {folder}, belongs to {_name(found.st_uid)}")
        if stat.S_ISLNK(found.st_mode) or found.st_mode & stat.S_ISVTX:
            continue
        if found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and not _is_ours_alone(found.st_gid)):
            raise CacheNotPrivateError(f"other users can write to {place}, and so replace {folder}")


def _looked_up(path: Path) -> Iterator[Path]:
    """Return the folders in which the parts of a path are looked up, and the symbolic links among those parts."""
    current, parts, links = Path(path.anchor), list(path.parts[1:]), 0
    while parts:
        yield current
        step = current / parts.pop(0)
        if not step.is_symlink():
            current = step if step.name != ".." else current.parent
            continue
        yield step
        links += 1
        if links > _MANY_LINKS:
            raise CacheNotPrivateError(f"{path} contains a loop of symbolic links")
        target = step.readlink()
        current = Path(target.anchor) if target.is_absolute() else current
        parts[:0] = target.parts[1:] if target.is_absolute() else target.parts


def _is_trusted(user_id: int) -> bool:
    # In a user namespace, the machine's folders may appear to belong to the overflow user.
    if user_id in {os.geteuid(), 0, Path("/").stat().st_uid}:
        return True
    try:
        pwd.getpwuid(user_id)
    except KeyError:
        # No user has that id here: a container sees only the numbers of the owners of mounted folders.
        return True
    return False


def _is_ours_alone(group_id: int) -> bool:
    """Return whether it is this user's private group, as some systems create one for every user."""
    try:
        group, user = grp.getgrgid(group_id), pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return group.gr_gid == user.pw_gid and group.gr_name == user.pw_name and not set(group.gr_mem) - {user.pw_name}


def _name(user_id: int) -> str:
    try:
        return f"another user, {pwd.getpwuid(user_id).pw_name}"
    except KeyError:
        return f"another user, id {user_id}"
