"""Draw the addon's icon: `python tools/draw_icon.py` (a safe whose dial is a key's bow)."""

from pathlib import Path

from PIL import Image, ImageDraw

SIDE, SCALE = 128, 8
TARGET = Path(__file__).resolve().parent.parent / "static" / "description" / "icon.png"
GROUND, SAFE, DOOR, EDGE, KEY = "#eef3fb", "#2f4a7c", "#3f63a6", "#22375e", "#f3b63f"


def main():
    image = Image.new("RGBA", (SIDE * SCALE, SIDE * SCALE))
    draw = ImageDraw.Draw(image)

    def rect(x0, y0, x1, y1, fill, radius=0):
        box = [unit * SCALE for unit in (x0, y0, x1, y1)]
        draw.rounded_rectangle(box, radius * SCALE, fill=fill)

    def disk(x, y, radius, fill):
        draw.ellipse([v * SCALE for v in (x - radius, y - radius, x + radius, y + radius)], fill)

    rect(4, 4, 124, 124, GROUND, 22)
    rect(34, 98, 46, 108, EDGE, 3)
    rect(82, 98, 94, 108, EDGE, 3)
    rect(22, 24, 106, 102, SAFE, 10)
    rect(30, 32, 98, 94, DOOR, 6)
    for top in (42, 72):
        rect(24, top, 32, top + 12, EDGE, 2)
    disk(58, 63, 19, EDGE)
    disk(58, 63, 15, KEY)
    disk(58, 63, 7, EDGE)
    rect(71, 59.5, 94, 66.5, KEY, 2)
    rect(80, 64, 85, 75, KEY, 1.5)
    rect(88, 64, 93, 72, KEY, 1.5)
    image.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
