import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from thumbpipe_devkit import paths
from thumbpipe_devkit.errors import CacheNotPrivateError
from thumbpipe_devkit.private import private_folder, refuse_if_replaceable
from thumbpipe_devkit.runs import folders

STRANGER: Final = 65534
of_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a folder to another user")


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("no_umask")
def test_a_new_cache_is_closed_to_other_users(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = cache / "new" / "cache"
    monkeypatch.setenv("THUMBPIPE_CACHE", str(deep))
    with folders.open_run() as run:
        assert run.folder.is_relative_to(deep)
    assert [mode(each) for each in (cache, cache / "new", deep)] == [0o700] * 3


@pytest.mark.parametrize("open_to", [0o755, 0o777, 0o710, 0o701, 0o770, 0o2750])
def test_a_cache_that_was_open_to_other_users_is_closed(open_to: int, cache: Path) -> None:
    cache.mkdir()
    cache.chmod(open_to)
    paths.cache_folder()
    assert mode(cache) & 0o777 == 0o700


@pytest.mark.usefixtures("no_umask")
def test_only_its_user_can_read_what_a_run_writes(cache: Path) -> None:
    for name in ("runs", "logs"):
        cache.joinpath(name).mkdir(parents=True)
        cache.joinpath(name).chmod(0o777)
    with folders.open_run() as run:
        (run.folder / "a folder").mkdir()
        (run.folder / "terraform.tfstate").write_text("state")
        (run.logs / "engine.log").write_text("log")
        found = {path: mode(path) for path in [cache, *cache.rglob("*")]}
    assert {path for path, each in found.items() if each & 0o077} == set()
    # Whatever this process does after a run is its own business again.
    (cache / "after").touch()
    assert mode(cache / "after") == 0o666


@of_root
def test_a_cache_of_another_user_is_refused(cache: Path) -> None:
    cache.mkdir()
    os.chown(cache, STRANGER, -1)
    with pytest.raises(CacheNotPrivateError, match=f"another user, {pwd.getpwuid(STRANGER).pw_name}"):
        paths.cache_folder()
    assert mode(cache) & 0o077, "it is not ours to change"


@of_root
def test_a_link_to_a_folder_of_another_user_is_refused(cache: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, STRANGER, -1)
    cache.symlink_to(theirs)
    with pytest.raises(CacheNotPrivateError, match="another user"):
        paths.cache_folder()


@of_root
def test_another_users_link_to_a_folder_of_ours_is_refused(cache: Path, tmp_path: Path) -> None:
    """He could turn it elsewhere at any moment."""
    tmp_path.joinpath("ours").mkdir()
    cache.symlink_to(tmp_path / "ours")
    os.lchown(cache, STRANGER, -1)
    with pytest.raises(CacheNotPrivateError, match="belongs to another user"):
        paths.cache_folder()


def test_the_users_own_link_to_an_own_folder_is_accepted_and_restricted(cache: Path, tmp_path: Path) -> None:
    ours = tmp_path / "another disk" / "ours"
    ours.mkdir(parents=True, mode=0o755)
    cache.symlink_to(Path("another disk") / "ours")
    assert paths.cache_folder() == cache
    assert mode(ours) == 0o700


@pytest.mark.parametrize("place", ["beside", "behind a link", "above"])
@pytest.mark.parametrize("open_to", [0o777, 0o757])
def test_a_cache_that_others_could_replace_is_refused(place: str, open_to: int, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    folder = shared / "cache" if place == "beside" else shared / "deep" / "cache"
    folder.mkdir(parents=True, mode=0o700)
    shared.chmod(open_to)
    if place == "behind a link":
        tmp_path.joinpath("link").symlink_to(folder)
        folder = tmp_path / "link"
    with pytest.raises(CacheNotPrivateError, match=f"can write to {shared}"):
        refuse_if_replaceable(folder)


def test_a_cache_in_a_folder_like_tmp_is_accepted(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    private_folder(shared / "cache")
    shared.chmod(0o1777)
    refuse_if_replaceable(shared / "cache")


@of_root
def test_a_cache_in_a_folder_whose_owner_is_not_a_known_user_is_accepted(tmp_path: Path) -> None:
    """As in a container, which was lent a folder of its host's."""
    users = {user.pw_uid for user in pwd.getpwall()}
    lent = tmp_path / "lent"
    private_folder(lent / "cache")
    os.chown(lent, next(number for number in range(20_000, 60_000) if number not in users), -1)
    refuse_if_replaceable(lent / "cache")


def test_a_cache_that_is_refused_is_not_created(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.joinpath("shared").mkdir()
    tmp_path.joinpath("shared").chmod(0o777)
    monkeypatch.setenv("THUMBPIPE_CACHE", str(tmp_path / "shared" / "deep" / "cache"))
    with pytest.raises(CacheNotPrivateError):
        paths.cache_folder()
    assert list(tmp_path.joinpath("shared").iterdir()) == []
    assert not cache.exists()


@of_root
def test_a_cache_in_a_folder_of_another_user_or_of_a_group_is_refused(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    private_folder(shared / "cache")
    shared.chmod(0o770)
    # Of root's own group, which has no other members.
    refuse_if_replaceable(shared / "cache")
    os.chown(shared, -1, STRANGER)
    with pytest.raises(CacheNotPrivateError, match="can write to"):
        refuse_if_replaceable(shared / "cache")
    shared.chmod(0o750)
    refuse_if_replaceable(shared / "cache")
    os.chown(shared, STRANGER, -1)
    with pytest.raises(CacheNotPrivateError, match="belongs to another user"):
        refuse_if_replaceable(shared / "cache")


def test_a_cache_behind_links_that_lead_round_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(CacheNotPrivateError, match="loop of symbolic links"):
        refuse_if_replaceable(tmp_path / "a" / "cache")


def test_a_folder_that_cannot_be_closed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk with a file system that has no modes."""
    tmp_path.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    with pytest.raises(CacheNotPrivateError, match="its file system stores no permissions"):
        private_folder(tmp_path)
