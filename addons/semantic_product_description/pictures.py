"""A product's image made small enough to be shown to a language model. Needs no database."""

import io
import struct

from PIL import Image

from odoo.tools.image import IMAGE_MAX_RESOLUTION

LONGEST = 1024  # pixels of a side
MOST = 500_000  # bytes
TRIES = ((1024, 85), (1024, 60), (640, 60), (384, 50))  # longest side, quality
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png"}
READ = (*FORMATS, "GIF", "BMP")  # decoders that may see what somebody uploaded


def reduced(data):
    """Return (bytes, mimetype) of a JPEG, PNG or WebP within both limits; None for what is no such.

    What is small already is given as it is; anything else becomes a JPEG on white. Of vector
    images, of WebP that is too large (Odoo does not decode it) and of broken files there is none.
    """
    size = _webp_size(data)
    if size:
        return (data, "image/webp") if _fits(size, data) else None
    try:
        image = Image.open(io.BytesIO(data), formats=READ)
        if image.width * image.height > IMAGE_MAX_RESOLUTION:
            return None
        if image.format in FORMATS and _fits(image.size, data):
            return data, FORMATS[image.format]
        image = _on_white(image)
        for side, quality in TRIES:
            small = _jpeg(image, side, quality)
            if len(small) <= MOST:
                return small, "image/jpeg"
    except (OSError, ValueError, SyntaxError, struct.error, Image.DecompressionBombError):
        return None  # whatever a broken file makes of a decoder
    return None


def _fits(size, data):
    return max(size) <= LONGEST and len(data) <= MOST


def _on_white(image):
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    whole = image.convert("RGBA")
    white = Image.new("RGB", whole.size, "white")
    white.paste(whole, mask=whole)
    return white


def _jpeg(image, side, quality):
    small = image.copy()
    small.thumbnail((side, side))
    told = io.BytesIO()
    small.save(told, "JPEG", quality=quality)
    return told.getvalue()


def _webp_size(data):
    """Return the (width, height) that a WebP's first chunk tells, or None for other files."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) < 30:
        return None
    match data[12:16]:
        case b"VP8X":
            return tuple(1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        case b"VP8L":
            told = int.from_bytes(data[21:25], "little")
            return 1 + (told & 0x3FFF), 1 + (told >> 14 & 0x3FFF)
        case b"VP8 ":
            return tuple(int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    return None
