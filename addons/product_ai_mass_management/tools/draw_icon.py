"""Draw the addon's icon: `python tools/draw_icon.py` (a list of products with their badges)."""

from pathlib import Path

from PIL import Image, ImageDraw

SIDE, SCALE = 128, 8
TARGET = Path(__file__).resolve().parent.parent / "static" / "description" / "icon.png"
GROUND, PAPER, LINE = "#eef1f8", "#ffffff", "#b9c2d6"
BADGES = ("#2f9e68", "#3b7dd8", "#f3b63f", "#d9534f")


def main():
    image = Image.new("RGBA", (SIDE * SCALE, SIDE * SCALE))
    draw = ImageDraw.Draw(image)

    def rect(x0, y0, x1, y1, fill, radius=0):
        box = [unit * SCALE for unit in (x0, y0, x1, y1)]
        draw.rounded_rectangle(box, radius * SCALE, fill=fill)

    rect(4, 4, 124, 124, GROUND, 22)
    for row, color in enumerate(BADGES):
        top = 21 + row * 23
        rect(20, top, 108, top + 18, PAPER, 6)
        rect(26, top + 5, 34, top + 13, LINE, 2)
        rect(40, top + 6, 76 - row * 5, top + 12, LINE, 3)
        rect(84, top + 5, 102, top + 13, color, 4)
    image.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
