"""The shops' emblems, drawn on a Canvas `c`."""

from math import cos, radians, sin


def casa_ipe(c):
    """The yellow flower of the ipê tree."""
    c.oval(6, 6, 94, 94, "#7a4b2a")
    for turn in range(-90, 270, 72):
        x, y = 50 + 19 * cos(radians(turn)), 50 + 19 * sin(radians(turn))
        c.oval(x - 15, y - 15, x + 15, y + 15, "#f2c14e")
        c.line([(50, 50), (x, y)], "#d79a2b", 1.6)
    c.oval(43, 43, 57, 57, "#b9603f")


def luma(c):
    """A crescent with a spark of light."""
    c.oval(6, 6, 94, 94, "#a64d79")
    c.oval(22, 22, 78, 78, "#fbe6c4")
    c.oval(36, 16, 86, 66, "#a64d79")
    star = []
    for point in range(8):
        reach = 13 if point % 2 == 0 else 3.5
        star.append((64 + reach * cos(radians(45 * point)), 38 + reach * sin(radians(45 * point))))
    c.poly(star, "#ffffff")
