"""Folders and files that no other user of the machine may look into, or put something of his own in the place of."""

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from thumbpipe_devkit.errors import CacheNotPrivateError

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_MANY_LINKS: Final = 40  # as many as Linux follows


def keep_files_private() -> int:
    """Have all that this process and its children make from now on readable for their user alone.

    Returns:
        The umask that was in force before.
    """
    return os.umask(_OTHERS)


def private_folder(folder: Path) -> Path:
    """Make a folder that is its user's alone, with the folders above it, or close one that is open to others.

    Raises:
        CacheNotPrivateError: It belongs to another user, or can't be closed.
    """
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        missing.mkdir(mode=stat.S_IRWXU, exist_ok=True)
    found = folder.stat()
    if found.st_uid != os.geteuid():
        raise CacheNotPrivateError(f"{folder} belongs to {_name(found.st_uid)}")
    if found.st_mode & _OTHERS:
        folder.chmod(stat.S_IRWXU)
        # Some file systems take a mode and forget it.
        if folder.stat().st_mode & _OTHERS:
            raise CacheNotPrivateError(f"{folder} is open to others, and its file system does not let it be closed")
    return folder


def refuse_if_replaceable(folder: Path) -> None:
    """See to it that no other user can put something else in a folder's place.

    Args:
        folder: An absolute path. Parts of it may be links, or not there yet.

    Raises:
        CacheNotPrivateError: Somebody can.
    """
    for place in _looked_up(folder):
        try:
            found = place.lstat()
        except FileNotFoundError:
            return
        if not _is_trusted(found.st_uid):
            raise CacheNotPrivateError(f"{place}, on the way to {folder}, belongs to {_name(found.st_uid)}")
        if stat.S_ISLNK(found.st_mode) or found.st_mode & stat.S_ISVTX:
            continue
        if found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and not _is_ours_alone(found.st_gid)):
            raise CacheNotPrivateError(f"other users may write in {place}, and so replace {folder}")


def _looked_up(path: Path) -> Iterator[Path]:
    """The folders in which the parts of a path are looked up, and the links among those parts."""
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
            raise CacheNotPrivateError(f"{path} leads round in a circle of links")
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
        # Nobody is that user here: a container sees the owners of the folders that it was lent by number alone.
        return True
    return False


def _is_ours_alone(group_id: int) -> bool:
    """Whether it is a private group of this user, as some systems create for every user."""
    try:
        group, user = grp.getgrgid(group_id), pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return group.gr_gid == user.pw_gid and group.gr_name == user.pw_name and not set(group.gr_mem) - {user.pw_name}


def _name(user_id: int) -> str:
    try:
        return f"another user, {pwd.getpwuid(user_id).pw_name}"
    except KeyError:
        return f"another user, number {user_id}"
