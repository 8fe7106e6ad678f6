"""Mutations that get past a checksum: without them a changed PNG is refused before it is decoded."""

import random
import zlib
from typing import Final

PNG: Final = b"\x89PNG\r\n\x1a\n"
_CHUNK_OVERHEAD: Final = 12


def correct_checksums(source: bytes, seed: int) -> bytes:
    """Correct the checksums of a PNG's chunks, three times in four; other files are unchanged."""
    if not source.startswith(PNG) or random.Random(seed).random() < 0.25:  # noqa: S311 - not a secret
        return source
    changed, at = bytearray(source), len(PNG)
    while at + _CHUNK_OVERHEAD <= len(changed):
        end = at + 8 + int.from_bytes(changed[at : at + 4], "big")
        if end + 4 > len(changed):
            break
        changed[end : end + 4] = zlib.crc32(changed[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return bytes(changed)
