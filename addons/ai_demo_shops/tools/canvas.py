"""A small drawing board for the flat pictures of the demo products (needs Pillow only)."""

from PIL import Image, ImageColor, ImageDraw

SIZE = 320  # pixels of a side of the finished picture
GRID = 100  # units of a side, what the drawings count in
_SCALE = 16


def shade(color, factor):
    """Return `color` darker (factor < 1) or lighter (factor > 1, up to white) as #rrggbb."""
    red, green, blue = ImageColor.getrgb(color)[:3]
    if factor <= 1:
        mixed = [round(c * factor) for c in (red, green, blue)]
    else:
        mixed = [round(c + (255 - c) * (factor - 1)) for c in (red, green, blue)]
    return "#{:02x}{:02x}{:02x}".format(*mixed)


class Canvas:
    """A square of 100 × 100 units, y downwards, on a plain background with a soft disc."""

    def __init__(self, background):
        side = GRID * _SCALE
        self._image = Image.new("RGB", (side, side), background)
        self._draw = ImageDraw.Draw(self._image)
        self.oval(10, 10, 90, 90, shade(background, 0.955))

    def rect(self, x0, y0, x1, y1, fill, radius=0.0):
        """A filled rectangle with rounded corners."""
        self._draw.rounded_rectangle(self._px(x0, y0, x1, y1), radius * _SCALE, fill=fill)

    def oval(self, x0, y0, x1, y1, fill=None, outline=None, width=1.0):
        """An ellipse in its box, filled or as a ring."""
        self._draw.ellipse(
            self._px(x0, y0, x1, y1), fill=fill, outline=outline, width=round(width * _SCALE)
        )

    def poly(self, points, fill):
        """A filled polygon of (x, y) points."""
        self._draw.polygon([(x * _SCALE, y * _SCALE) for x, y in points], fill=fill)

    def line(self, points, fill, width=1.5):
        """A polyline with round joints and ends."""
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self._draw.line(scaled, fill=fill, width=round(width * _SCALE), joint="curve")
        half = width / 2
        for x, y in (points[0], points[-1]):
            self.oval(x - half, y - half, x + half, y + half, fill)

    def arc(self, x0, y0, x1, y1, start, end, fill, width=1.5):
        """An arc of the ellipse in the box, degrees clockwise from three o'clock."""
        box = self._px(x0, y0, x1, y1)
        self._draw.arc(box, start, end, fill=fill, width=round(width * _SCALE))

    def shadow(self, x0=22, x1=78, y=83):
        """The shadow a thing standing on the floor throws."""
        background = self._image.getpixel((0, 0))
        darker = shade("#{:02x}{:02x}{:02x}".format(*background), 0.87)
        self.oval(x0, y - 2, x1, y + 2, darker)

    def save(self, path):
        """Write the picture as a PNG with few colors, small enough to live in the repository."""
        small = self._image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
        small.quantize(48, dither=Image.Dither.NONE).save(path, optimize=True)

    @staticmethod
    def _px(*units):
        return [unit * _SCALE for unit in units]
