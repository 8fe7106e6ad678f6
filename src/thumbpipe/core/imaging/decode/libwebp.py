"""Still WebP images, decoded by libwebp itself, which shrinks while it decodes.

Pillow decodes every WebP as an animation: it holds six pictures of full size, 1.6 GB for 100 megapixels. Its wheels
contain libwebp as a separate library, which has a better function for this, and decodes a truncated file as far as
it goes. If the library is not found, Pillow decodes.
"""

from ctypes import CDLL, POINTER, Structure, Union, byref, c_char_p, c_int, c_size_t, c_uint8, c_uint32, c_void_p, cast
from functools import cache
from pathlib import Path
from typing import Final

import PIL
from PIL import Image

from thumbpipe.core.imaging.errors import DamagedError

_ABI_VERSION: Final = 0x0200  # only its upper byte is compared
_RGB: Final = 0
_PREMULTIPLIED_RGBA: Final = 7
_OK: Final = 0
_OUT_OF_MEMORY: Final = 1
_WORKING_BYTES_PER_PIXEL: Final = 8
_SUSPENDED: Final = 5
_NOT_ENOUGH_DATA: Final = 7
_BYTES_PER_PIXEL: Final = {"RGB": 3, "RGBa": 4}
_NAMES: Final = ("libwebp.so.7", "libwebp.7.dylib")


class _Features(Structure):
    _fields_ = (
        ("width", c_int),
        ("height", c_int),
        ("has_alpha", c_int),
        ("has_animation", c_int),
        ("format", c_int),
        ("pad", c_uint32 * 5),
    )


class _Rgba(Structure):
    _fields_ = (("rgba", POINTER(c_uint8)), ("stride", c_int), ("size", c_size_t))


class _Yuva(Structure):
    _fields_ = (("planes", c_void_p * 4), ("strides", c_int * 4), ("sizes", c_size_t * 4))


class _Planes(Union):
    _fields_ = (("rgba", _Rgba), ("yuva", _Yuva))


class _Buffer(Structure):
    _fields_ = (
        ("colourspace", c_int),
        ("width", c_int),
        ("height", c_int),
        ("is_external_memory", c_int),
        ("planes", _Planes),
        ("pad", c_uint32 * 4),
        ("private_memory", c_void_p),
    )


class _Options(Structure):
    _fields_ = (
        ("bypass_filtering", c_int),
        ("no_fancy_upsampling", c_int),
        ("use_cropping", c_int),
        ("crop", c_int * 4),
        ("use_scaling", c_int),
        ("scaled_width", c_int),
        ("scaled_height", c_int),
        ("use_threads", c_int),
        ("dithering_strength", c_int),
        ("flip", c_int),
        ("alpha_dithering_strength", c_int),
        ("pad", c_uint32 * 5),
    )


class _Config(Structure):
    _fields_ = (("input", _Features), ("output", _Buffer), ("options", _Options))


def decode_still(
    source: bytes, size: tuple[int, int], *, has_alpha: bool, may_be_cut_off: bool = False
) -> Image.Image | None:
    """Decode a still picture.

    Args:
        source: The file.
        size: Of the result; not larger than the picture.
        has_alpha: Whether the result is RGBa rather than RGB.
        may_be_cut_off: Whether a truncated file is decoded as far as it goes, with zeros below.

    Returns:
        None if libwebp is not found.

    Raises:
        EOFError: The file is truncated.
        DamagedError: It is damaged.
        MemoryError: There is too little memory.
    """
    library = _library()
    if library is None:
        return None
    config = _Config()
    library.WebPInitDecoderConfigInternal(byref(config), _ABI_VERSION)
    mode = "RGBa" if has_alpha else "RGB"
    stride = size[0] * _BYTES_PER_PIXEL[mode]
    pixels = bytearray(stride * size[1])
    config.options.use_scaling, config.options.scaled_width, config.options.scaled_height = 1, *size
    output = config.output
    output.colourspace = _PREMULTIPLIED_RGBA if has_alpha else _RGB
    output.is_external_memory = 1
    memory = (c_uint8 * len(pixels)).from_buffer(pixels)
    output.planes.rgba = _Rgba(rgba=cast(memory, POINTER(c_uint8)), stride=stride, size=len(pixels))
    status = _decode_partly(library, source, config) if may_be_cut_off else _decode(library, source, config)
    if status in {_SUSPENDED, _NOT_ENOUGH_DATA} and not may_be_cut_off:
        raise EOFError
    if status == _OUT_OF_MEMORY:
        # libwebp also reports this for damaged files. If memory is really short, this allocation fails as well.
        bytearray(_WORKING_BYTES_PER_PIXEL * config.input.width * config.input.height)
    if status not in {_OK, _SUSPENDED, _NOT_ENOUGH_DATA}:
        raise DamagedError("its pixels cannot be decoded")
    return Image.frombytes(mode, size, bytes(pixels))


@cache
def _library() -> CDLL | None:
    home = Path(PIL.__file__).parent
    carried = [*home.parent.glob("pillow.libs/libwebp-*.so*"), *home.glob(".dylibs/libwebp.*dylib")]
    for name in (*map(str, carried), *_NAMES):
        try:
            library = CDLL(name)
        except OSError:
            continue
        library.WebPDecode.argtypes = (c_char_p, c_size_t, c_void_p)
        library.WebPIDecode.argtypes = (c_char_p, c_size_t, c_void_p)
        library.WebPIDecode.restype = c_void_p
        library.WebPIUpdate.argtypes = (c_void_p, c_char_p, c_size_t)
        library.WebPIDelete.argtypes = (c_void_p,)
        return library
    return None


def _decode(library: CDLL, source: bytes, config: _Config) -> int:
    return int(library.WebPDecode(source, len(source), byref(config)))


def _decode_partly(library: CDLL, source: bytes, config: _Config) -> int:
    decoder = library.WebPIDecode(source, len(source), byref(config))
    try:
        return int(library.WebPIUpdate(decoder, source, len(source)))
    finally:
        library.WebPIDelete(decoder)
