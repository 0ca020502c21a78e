"""Draw the pictures that the product files name: `python tools/draw_images.py`.

`image = "sofa-blue"` is the drawing `sofa` with the accent `blue` of the shop's palette; without
an accent the shop's own color is used. The pictures are committed: nothing is drawn at install.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import catalog  # noqa: E402
import cosmetics  # noqa: E402
import furniture  # noqa: E402
import logos  # noqa: E402
import services  # noqa: E402
from canvas import Canvas  # noqa: E402

BACKGROUNDS = {"casa_ipe": "#f5eee3", "luma": "#faeff3"}
DRAWINGS = {"casa_ipe": furniture, "luma": cosmetics}
ACCENTS = {
    "casa_ipe": {
        "": "#a9744a",
        "beige": "#d2b48c",
        "blue": "#2f6a7f",
        "brown": "#8a5a3c",
        "gray": "#8a8d8f",
        "graphite": "#55595c",
        "green": "#75874d",
        "mustard": "#d09a2c",
        "terracotta": "#b9603f",
        "walnut": "#7a4b2a",
        "white": "#cbbfa9",
    },
    "luma": {
        "": "#a64d79",
        "amber": "#c98b4a",
        "blue": "#6c8ebf",
        "gold": "#d3ac62",
        "green": "#7fa283",
        "peach": "#e0a088",
        "plum": "#6b3a5b",
        "red": "#a1152a",
        "rose": "#d48aa0",
        "sand": "#d8b48f",
        "teal": "#5f9c9a",
        "black": "#3a3236",
    },
}


def main():
    for key in catalog.SHOPS:
        folder = catalog.IMAGES / key
        for needed in (folder, catalog.IMAGES / "logo"):
            needed.mkdir(parents=True, exist_ok=True)
        shop = catalog.read_shop(key)
        wanted = {product["image"] for product in shop["product"] if "image" in product}
        for name in sorted(wanted):
            drawing, _dash, accent = name.partition("-")
            draw = getattr(DRAWINGS[key], drawing, None) or getattr(services, drawing)
            canvas = Canvas(BACKGROUNDS[key])
            draw(canvas, ACCENTS[key][accent])
            canvas.save(folder / f"{name}.png")
        canvas = Canvas(BACKGROUNDS[key])
        getattr(logos, key)(canvas)
        canvas.save(catalog.IMAGES / "logo" / f"{key}.png")
        for path in folder.glob("*.png"):
            if path.stem not in wanted:
                path.unlink()


if __name__ == "__main__":
    main()
