"""Draw the addon's icon: `python tools/draw_icon.py` (two shop fronts under one awning)."""

from pathlib import Path

from PIL import Image, ImageDraw

SIDE, SCALE = 128, 8
TARGET = Path(__file__).resolve().parent.parent / "static" / "description" / "icon.png"


def main():
    image = Image.new("RGBA", (SIDE * SCALE, SIDE * SCALE))
    draw = ImageDraw.Draw(image)

    def rect(x0, y0, x1, y1, fill, radius=0):
        box = [unit * SCALE for unit in (x0, y0, x1, y1)]
        draw.rounded_rectangle(box, radius * SCALE, fill=fill)

    rect(4, 4, 124, 124, "#fff6ea", 22)
    rect(22, 56, 106, 104, "#ffffff", 3)
    for left, color in ((26, "#b9603f"), (67, "#a64d79")):
        rect(left, 68, left + 35, 104, color, 3)
        rect(left + 5, 73, left + 30, 90, "#ffe9c9", 2)
        rect(left + 12, 95, left + 23, 98, "#ffe9c9", 1)
    for place in range(6):
        left = 18 + place * 15.4
        fill = ("#b9603f" if place < 3 else "#a64d79") if place % 2 == 0 else "#ffffff"
        rect(left, 30, left + 15.4, 54, fill)
        box = [unit * SCALE for unit in (left, 46, left + 15.4, 62)]
        draw.pieslice(box, 0, 180, fill=fill)
    rect(16, 26, 112, 33, "#4a3342", 3)
    image.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
