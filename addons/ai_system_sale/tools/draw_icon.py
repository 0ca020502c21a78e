"""Draw the addon's icon: `python tools/draw_icon.py` (an order with a speech bubble on it)."""

from pathlib import Path

from PIL import Image, ImageDraw

SIDE, SCALE = 128, 8
TARGET = Path(__file__).resolve().parent.parent / "static" / "description" / "icon.png"
GROUND, PAPER, LINE, BAND, BUBBLE = "#eef6f1", "#ffffff", "#b9cfc3", "#2f7d5b", "#f3b63f"


def main():
    image = Image.new("RGBA", (SIDE * SCALE, SIDE * SCALE))
    draw = ImageDraw.Draw(image)

    def rect(x0, y0, x1, y1, fill, radius=0):
        box = [unit * SCALE for unit in (x0, y0, x1, y1)]
        draw.rounded_rectangle(box, radius * SCALE, fill=fill)

    def disk(x, y, radius, fill):
        draw.ellipse([v * SCALE for v in (x - radius, y - radius, x + radius, y + radius)], fill)

    rect(4, 4, 124, 124, GROUND, 22)
    rect(26, 18, 90, 108, "#d3e4da", 8)
    rect(23, 15, 87, 105, PAPER, 8)
    rect(23, 15, 87, 35, BAND, 8)
    rect(23, 27, 87, 35, BAND)
    rect(31, 22, 59, 28, PAPER, 3)
    for top, right in ((45, 79), (57, 70), (69, 79), (81, 56)):
        rect(31, top, right, top + 5, LINE, 2.5)
    rect(50, 64, 110, 102, GROUND, 14)
    rect(53, 67, 107, 99, BUBBLE, 12)
    tail = [(64, 96), (82, 96), (62, 113)]
    draw.polygon([(x * SCALE, y * SCALE) for x, y in tail], fill=BUBBLE)
    for x in (67, 80, 93):
        disk(x, 83, 4, PAPER)
    image.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
