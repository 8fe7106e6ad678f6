"""Encode animations, as WebP."""

from dataclasses import dataclass, replace
from io import BytesIO
from typing import Final

from PIL import Image

from thumbpipe.core.imaging.alpha import straight
from thumbpipe.core.imaging.encode.encoder_options import HASTY_METHOD, encoder_options
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe
from thumbpipe.core.imaging.resize.scale import scale

_MAX_PLAYS: Final = 65_535
_MAX_DURATION_MS: Final = 0xFFFFFF
_VP8X_FLAGS_AT: Final = 20
_VP8X_HAS_ALPHA: Final = 0x10


@dataclass(frozen=True, slots=True, kw_only=True)
class Animation:
    """Frames of one size, upright and in sRGB.

    Attributes:
        frames: At least one; each in mode L, RGB or RGBa.
        durations_ms: How long each is shown.
        plays: How often it plays; 0 means forever.
    """

    frames: tuple[Image.Image, ...]
    durations_ms: tuple[int, ...]
    plays: int

    def scaled(self, size: tuple[int, int]) -> "Animation":
        """Shrink every frame to exactly a size."""
        return replace(self, frames=tuple(scale(frame, size) for frame in self.frames))


def encode_animation(animation: Animation, recipe: Recipe) -> bytes:
    """Encode an animation."""
    frames = [straight(frame) for frame in animation.frames]
    first, *rest = frames
    # Without key frames, which only seeking needs: libwebp would encode one frame in four twice, to choose.
    no_key_frames = {"kmin": 0, "kmax": 0}
    options = encoder_options(first.size, OutputFormat.WEBP, recipe) | {"method": HASTY_METHOD} | no_key_frames
    file = BytesIO()
    first.save(
        file,
        OutputFormat.WEBP.value,
        save_all=True,
        append_images=rest,
        duration=[min(each, _MAX_DURATION_MS) for each in animation.durations_ms],
        loop=min(animation.plays, _MAX_PLAYS),
        **options,
    )
    data = bytearray(file.getvalue())
    if data[12:16] == b"VP8X" and any(frame.mode == "RGBA" for frame in frames):
        # libwebp crops transparent margins, and then declares the file opaque, so that decoders show black.
        data[_VP8X_FLAGS_AT] |= _VP8X_HAS_ALPHA
    return bytes(data)
