"""Drawings both shops use: each takes a Canvas `c` and the accent color `a`."""

from canvas import shade

DARK, LIGHT, METAL = "#4a3b3b", "#fbf6f0", "#9aa3a8"


def truck(c, a):
    c.shadow(8, 92, 78)
    c.rect(8, 32, 60, 72, a, 3)
    c.rect(14, 40, 54, 44, shade(a, 1.3), 1)
    c.poly([(60, 44), (78, 44), (91, 58), (91, 72), (60, 72)], shade(a, 0.8))
    c.poly([(66, 48), (76, 48), (84, 58), (66, 58)], "#d5e3e8")
    for x in (24, 74):
        c.oval(x - 9, 63, x + 9, 81, DARK)
        c.oval(x - 4, 68, x + 4, 76, LIGHT)


def tools(c, a):
    c.line([(28, 78), (62, 40)], a, 7)
    c.poly([(52, 26), (62, 18), (82, 36), (74, 45)], METAL)
    c.poly([(74, 45), (82, 36), (86, 44), (80, 51)], shade(METAL, 0.8))
    c.line([(74, 80), (42, 44)], shade(METAL, 0.85), 4)
    c.line([(74, 80), (60, 64)], "#d09a2c", 8)
    c.poly([(44, 47), (38, 36), (36, 38), (40, 50)], shade(METAL, 0.75))
