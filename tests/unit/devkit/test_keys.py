import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from moto import mock_aws

from thumbpipe_devkit.errors import KeysUnchangedError
from thumbpipe_devkit.keys.pair import KeyPair
from thumbpipe_devkit.keys.parameter import KeyParameter
from thumbpipe_devkit.keys.rotation import GALLERY_KEEPS_S, Rotation

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

NAME: Final = "/thumbpipe/signing-key"
LIFETIME_S: Final = 3600


class FakeDeployment:
    """A stack, as Terraform would leave it."""

    url_expires_seconds = LIFETIME_S
    spreads_within_s = 7.0

    def __init__(self) -> None:
        self.public_keys: Mapping[str, str] = {}
        self.applied: list[list[str]] = []

    def key_ids(self) -> Mapping[str, str]:
        return {name: f"K{name}" for name in self.public_keys}

    def apply(self, public_keys: Mapping[str, str]) -> None:
        assert 1 <= len(public_keys) <= 2
        self.public_keys = dict(public_keys)
        self.applied.append(sorted(public_keys))


class World:
    """One stack with a first pair in use, and a clock that stands still between pauses."""

    def __init__(self, ssm: "SSMClient") -> None:
        self.ssm = ssm
        self.deployment = FakeDeployment()
        self.parameter = KeyParameter(ssm, NAME)
        self.said: list[str] = []
        self.paused: list[float] = []
        self.first = KeyPair.make()
        self.deployment.apply({self.first.name: self.first.public_key})
        self.parameter.put(self.first, f"K{self.first.name}")
        self.late_s = 0.0

    @property
    def rotation(self) -> Rotation:
        return Rotation(self.deployment, self.parameter, self.said.append, now=self.now, pause=self.pause)

    def now(self) -> float:
        # moto dates parameters by the true time.
        return self.parameter.in_use().since + self.late_s

    def pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.late_s += seconds

    def stored(self) -> dict[str, str]:
        value: dict[str, str] = json.loads(self.ssm.get_parameter(Name=NAME, WithDecryption=True)["Parameter"]["Value"])
        return value


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        yield World(boto3.client("ssm", region_name="us-east-1"))


def test_a_pair_is_two_halves_of_one_p256_key() -> None:
    pair = KeyPair.make()
    private = load_pem_private_key(pair.private_key.encode(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    assert isinstance(private.curve, ec.SECP256R1)
    assert private.public_key() == load_pem_public_key(pair.public_key.encode())
    assert pair.private_key not in repr(pair)


def test_a_new_pair_is_known_before_it_signs_and_the_present_one_stays_known(world: World) -> None:
    world.rotation.rotate(wait=False)
    (known,) = world.deployment.applied[1:]
    assert world.first.name in known
    (new,) = set(known) - {world.first.name}
    assert world.stored()["key_id"] == f"K{new}"
    assert world.paused == [FakeDeployment.spreads_within_s]
    private = load_pem_private_key(world.stored()["private_key"].encode(), None)
    assert private.public_key() == load_pem_public_key(world.deployment.public_keys[new].encode())


def test_the_private_half_is_kept_encrypted(world: World) -> None:
    world.rotation.rotate(wait=False)
    assert world.ssm.get_parameter(Name=NAME)["Parameter"]["Type"] == "SecureString"
    assert "PRIVATE KEY" not in "".join(world.said)
    assert not any("PRIVATE" in key for key in world.deployment.public_keys.values())


def test_a_second_rotation_is_refused_while_the_pair_before_is_still_needed(world: World) -> None:
    world.rotation.rotate(wait=False)
    before = world.stored()
    world.late_s = GALLERY_KEEPS_S + LIFETIME_S - 1
    with pytest.raises(KeysUnchangedError, match=f"URLs signed by {world.first.name} are valid until"):
        world.rotation.rotate(wait=False)
    assert world.stored() == before
    assert len(world.deployment.applied) == 2


def test_a_second_rotation_retires_the_pair_before(world: World) -> None:
    world.rotation.rotate(wait=False)
    second = world.rotation.state().in_use
    world.late_s = GALLERY_KEEPS_S + LIFETIME_S
    world.rotation.rotate(wait=False)
    known = world.deployment.applied[-1]
    assert second in known
    assert world.first.name not in known
    assert len(known) == 2


def test_a_rotation_that_may_wait_ends_with_one_pair(world: World) -> None:
    world.rotation.rotate(wait=True)
    assert sum(world.paused) >= FakeDeployment.spreads_within_s + LIFETIME_S
    state = world.rotation.state()
    assert world.deployment.applied[-1] == [state.in_use]
    assert state.in_use != world.first.name


def test_a_retirement_keeps_the_pair_in_use(world: World) -> None:
    world.rotation.rotate(wait=False)
    with pytest.raises(KeysUnchangedError, match="would stop working before they expire"):
        world.rotation.retire(wait=False)
    world.late_s = GALLERY_KEEPS_S + LIFETIME_S
    world.rotation.retire(wait=False)
    assert world.deployment.applied[-1] == [world.rotation.state().in_use]
    world.rotation.retire(wait=False)
    assert "there is no older pair" in world.said[-1]


def test_a_public_stack_has_no_keys(world: World) -> None:
    world.deployment.public_keys = {}
    with pytest.raises(KeysUnchangedError, match="nothing is signed"):
        world.rotation.rotate(wait=False)


def test_a_key_that_terraform_does_not_know_is_not_touched(world: World) -> None:
    world.parameter.put(KeyPair.make(), "KSOMEBODYS")
    with pytest.raises(KeysUnchangedError, match="KSOMEBODYS"):
        world.rotation.rotate(wait=True)
    assert len(world.deployment.applied) == 1


def test_a_removed_parameter_is_reported(world: World) -> None:
    world.parameter.remove()
    world.parameter.remove()
    with pytest.raises(KeysUnchangedError, match=NAME):
        world.rotation.state()
