"""JPEG and PNG: checked, then stripped of all that is not the picture, without touching a pixel.

Both formats are lists of labelled parts. The parts that draw the picture are copied as they are; the
others (EXIF, GPS, thumbnails, comments, hidden second pictures, whatever follows the end) are left out,
so nothing is compressed again and no quality is lost. The orientation of a photograph is the one fact
kept, as a fresh EXIF block of its own. Pillow only sees the stripped result.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from enrolment.files.refusals import FileRefused, RefusalCode, damaged, truncated

MAX_PIXELS = 50_000_000
# A progressive JPEG is drawn in several passes over all pixels; thousands of passes would fit in 4 Mo.
MAX_PIXEL_PASSES = 1_000_000_000

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_DRAWING = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
_PNG_APPEARANCE = {b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"pHYs", b"bKGD"}

_END_OF_IMAGE, _START_OF_SCAN = 0xD9, 0xDA
_NEXT_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])", re.DOTALL)
# Start-of-frame markers; C4, C8 and CC in that range are tables.
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_DRAWING = set(range(0xC0, 0xD0)) | set(range(0xDA, 0xE0))


@dataclass(frozen=True)
class Picture:
    """A stripped image; width and height are those a viewer shows, orientation applied."""

    content: bytes
    width: int
    height: int


def clean_jpeg(content: bytes) -> Picture:
    """Check and strip a JPEG; raises `FileRefused`."""
    parts = [b"\xff\xd8"]
    size: tuple[int, int] | None = None
    orientation = 1
    passes = 0
    for marker, payload, scan in _jpeg_segments(content):
        if marker in _FRAMES:
            if size is not None or len(payload) < 6:
                raise damaged("image")
            height, width = struct.unpack(">HH", payload[1:5])
            size = (width, height)
            _check_pixels(width, height)
        if marker == 0xE1 and payload.startswith(b"Exif\0\0"):
            orientation = exif_orientation(payload[6:])
        if marker == _START_OF_SCAN:
            passes += 1
        kept = _kept_jpeg_payload(marker, payload)
        if kept is not None:
            parts += [b"\xff", bytes([marker]), struct.pack(">H", len(kept) + 2), kept, scan]
    if size is None:
        raise damaged("image")
    if passes * size[0] * size[1] > MAX_PIXEL_PASSES:
        raise _too_many_pixels(*size)
    if orientation != 1:
        block = b"Exif\0\0" + _orientation_block(orientation)
        parts.insert(1, b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block)
    parts.append(b"\xff\xd9")
    return _decoded(b"".join(parts), "JPEG", size, orientation)


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Marker, payload, and for a scan the compressed data after it; ends at the end-of-image marker."""
    position = 2
    while True:
        match = _NEXT_MARKER.match(content, position)
        if match is None:
            raise truncated() if position >= len(content) - 1 else damaged("image")
        marker, position = match.group(1)[0], match.end()
        if marker == _END_OF_IMAGE:
            return
        length = int.from_bytes(content[position : position + 2], "big")
        payload = content[position + 2 : position + length]
        if length < 2:
            raise damaged("image")
        if position + length > len(content):
            raise truncated()
        position += length
        scan = b""
        if marker == _START_OF_SCAN:
            following = _NEXT_MARKER.search(content, position)
            if following is None:
                raise truncated()
            scan = content[position : following.start()]
            position = following.start()
        yield marker, payload, scan


def _kept_jpeg_payload(marker: int, payload: bytes) -> bytes | None:
    """What of a segment the picture needs, None when it needs nothing of it."""
    if marker in _DRAWING:
        return payload
    if marker == 0xE0 and payload.startswith(b"JFIF\0") and len(payload) >= 14:
        # The density stays; the thumbnail, which may show what was cropped away, does not.
        return payload[:12] + b"\0\0"
    if (marker == 0xE2 and payload.startswith(b"ICC_PROFILE\0")) or (marker == 0xEE and payload.startswith(b"Adobe")):
        return payload
    return None


def clean_png(content: bytes) -> Picture:
    """Check and strip a PNG (of an animated one, the first picture stays); raises `FileRefused`."""
    parts = [_PNG_SIGNATURE]
    size: tuple[int, int] | None = None
    orientation = 1
    for kind, payload in _png_chunks(content):
        if (kind == b"IHDR") == (size is not None):
            raise damaged("image")
        if kind == b"IHDR":
            if len(payload) != 13:
                raise damaged("image")
            width, height = struct.unpack(">II", payload[:8])
            size = (width, height)
            _check_pixels(width, height)
        elif kind == b"eXIf":
            orientation = exif_orientation(payload)
        if kind in _PNG_DRAWING or kind in _PNG_APPEARANCE:
            parts.append(_png_chunk(kind, payload))
        elif not kind[0] & 0x20:
            # An upper-case first letter says that the picture cannot be drawn without this part.
            raise damaged("image")
    if size is None:
        raise damaged("image")
    if orientation != 1:
        parts.insert(2, _png_chunk(b"eXIf", _orientation_block(orientation)))
    return _decoded(b"".join(parts), "PNG", size, orientation)


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = len(_PNG_SIGNATURE)
    while True:
        header = content[position : position + 8]
        if len(header) < 8:
            raise truncated()
        length, kind = struct.unpack(">I4s", header)
        end = position + 8 + length
        if end + 4 > len(content):
            raise truncated()
        payload = content[position + 8 : end]
        if int.from_bytes(content[end : end + 4], "big") != zlib.crc32(kind + payload):
            raise damaged("image")
        yield kind, payload
        if kind == b"IEND":
            return
        position = end + 4


def _png_chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def exif_orientation(tiff: bytes) -> int:
    """The orientation (1 to 8) an EXIF block gives (TIFF 6.0, tag 274), 1 when it gives none."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return 1
    (start,) = struct.unpack(f"{order}I", tiff[4:8])
    count_bytes = tiff[start : start + 2]
    if len(count_bytes) < 2:
        return 1
    (count,) = struct.unpack(f"{order}H", count_bytes)
    for index in range(count):
        entry = tiff[start + 2 + 12 * index : start + 14 + 12 * index]
        if len(entry) < 12:
            return 1
        tag, kind, _, value = struct.unpack(f"{order}HHIH", entry[:10])
        if tag == 0x0112 and kind == 3:
            return value if 1 <= value <= 8 else 1
    return 1


def _orientation_block(orientation: int) -> bytes:
    """The smallest EXIF block: one directory with one entry."""
    return struct.pack(">4sIHHHIHHI", b"MM\0*", 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def _check_pixels(width: int, height: int) -> None:
    if width == 0 or height == 0:
        raise damaged("image")
    if width * height > MAX_PIXELS:
        raise _too_many_pixels(width, height)


def _too_many_pixels(width: int, height: int) -> FileRefused:
    return FileRefused(
        RefusalCode.too_many_pixels,
        f"Cette image est trop grande ({width} × {height} pixels) pour être ouverte sans risque. "
        "Réduisez ses dimensions, ou photographiez le document avec une définition plus basse, "
        "puis déposez-la de nouveau.",
    )


def _decoded(content: bytes, kind: str, size: tuple[int, int], orientation: int) -> Picture:
    """Decode every pixel once, so that what is stored is known to open."""
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            if image.size != size:
                raise damaged("image")
            # For a JPEG, decoding at an eighth of the size reads all the data for a fraction of the memory.
            image.draft(None, (size[0] // 8, size[1] // 8))
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise truncated() if "truncated" in str(error) else damaged("image") from error
    width, height = size if orientation < 5 else size[::-1]
    return Picture(content, width, height)
