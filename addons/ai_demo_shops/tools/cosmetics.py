"""Drawings of Luma's products: each takes a Canvas `c` and the accent color `a`."""

from canvas import shade

CREAM, GOLD, DARK = "#fffaf5", "#c9a35a", "#4a3342"


def _label(c, x0, y0, x1, y1, a):
    c.rect(x0, y0, x1, y1, CREAM, 1.5)
    middle, width = (x0 + x1) / 2, x1 - x0
    c.line([(middle - width * 0.28, y0 + 5), (middle + width * 0.28, y0 + 5)], a, 1.4)
    c.line([(middle - width * 0.2, y0 + 9), (middle + width * 0.2, y0 + 9)], shade(a, 1.4), 0.9)


def pump(c, a):
    c.shadow(28, 72, 87)
    c.rect(47, 20, 53, 32, DARK, 1)
    c.rect(34, 15, 56, 21, DARK, 3)
    c.rect(40, 28, 60, 36, DARK, 2)
    c.rect(30, 35, 70, 87, a, 7)
    c.rect(33, 38, 38, 84, shade(a, 1.3), 2.5)
    _label(c, 40, 51, 66, 72, a)


def jar(c, a):
    c.shadow(18, 82, 82)
    c.rect(20, 48, 80, 82, a, 8)
    c.rect(24, 52, 29, 78, shade(a, 1.3), 2.5)
    c.rect(18, 33, 82, 50, CREAM, 4)
    c.rect(18, 45, 82, 50, shade(CREAM, 0.92), 2)
    c.rect(20, 32, 80, 35, GOLD, 1.5)
    _label(c, 36, 58, 70, 73, a)


def bottle(c, a):
    c.shadow(30, 70, 87)
    c.rect(42, 13, 58, 30, GOLD, 2)
    c.rect(44, 28, 56, 36, shade(a, 1.2), 1)
    c.rect(31, 34, 69, 87, shade(a, 1.35), 9)
    c.rect(31, 50, 69, 87, a, 9)
    _label(c, 37, 56, 63, 76, a)


def dropper(c, a):
    c.shadow(30, 70, 87)
    c.oval(43, 10, 57, 30, DARK)
    c.rect(42, 24, 58, 30, DARK, 1)
    c.rect(40, 28, 60, 40, GOLD, 2)
    c.rect(32, 40, 68, 87, a, 7)
    c.rect(35, 43, 39, 84, shade(a, 1.35), 2)
    c.rect(49, 40, 51, 54, shade(a, 1.5), 0.8)
    _label(c, 40, 55, 65, 76, a)


def tube(c, a):
    c.shadow(34, 66, 88)
    c.poly([(28, 14), (72, 14), (63, 74), (37, 74)], a)
    c.rect(27, 12, 73, 17, shade(a, 0.82), 1)
    c.poly([(33, 18), (38, 18), (42, 73), (39, 73)], shade(a, 1.3))
    c.rect(37, 73, 63, 88, GOLD, 3)
    _label(c, 42, 32, 60, 54, a)


def stick(c, a):
    c.shadow(36, 64, 87)
    c.rect(38, 46, 62, 87, a, 4)
    c.rect(37, 46, 63, 50, GOLD, 1)
    c.rect(41, 26, 59, 46, CREAM, 7)
    c.rect(41, 36, 59, 46, CREAM)
    c.rect(66, 52, 82, 87, shade(a, 0.8), 4)
    _label(c, 42, 58, 58, 74, a)


def sachet(c, a):
    c.rect(26, 14, 74, 86, a, 3)
    for y in (14, 82):
        c.rect(26, y, 74, y + 4, shade(a, 0.8))
    c.oval(34, 30, 66, 70, CREAM)
    for x in (40, 54):
        c.oval(x, 43, x + 7, 47, a)
    c.arc(43, 50, 57, 62, 20, 160, a, 1.8)


def compact(c, a):
    c.shadow(18, 82, 82)
    c.oval(18, 12, 82, 56, DARK)
    c.oval(22, 15, 78, 53, "#d5e3e8")
    c.line([(38, 42), (56, 24)], CREAM, 2.6)
    c.oval(16, 48, 84, 84, shade(DARK, 1.15))
    c.oval(21, 50, 79, 79, GOLD)
    c.oval(24, 52, 76, 77, a)
    c.arc(34, 56, 66, 73, 200, 340, shade(a, 1.3), 1.6)


def mascara(c, a):
    c.rect(24, 42, 42, 88, a, 5)
    c.rect(24, 40, 42, 46, GOLD, 1)
    c.rect(62, 12, 78, 50, a, 5)
    c.rect(68.5, 50, 71.5, 62, DARK)
    for y in range(60, 86, 3):
        c.line([(64, y), (76, y + 2)], DARK, 1.3)
    c.line([(70, 58), (70, 88)], DARK, 3)


def pencil(c, a):
    c.poly([(20, 72), (64, 28), (74, 38), (30, 82)], a)
    c.poly([(64, 28), (74, 38), (84, 18)], "#e8cdb0")
    c.poly([(78, 23), (80, 26), (85, 17)], DARK)
    c.poly([(20, 72), (30, 82), (26, 86), (16, 76)], GOLD)
    c.line([(30, 70), (64, 36)], shade(a, 1.35), 1.4)
    c.arc(20, 14, 60, 40, 200, 320, DARK, 1.8)


def palette(c, a):
    c.shadow(10, 90, 84)
    c.rect(10, 16, 90, 46, shade(a, 0.8), 3)
    c.rect(14, 20, 86, 44, "#d5e3e8", 2)
    c.rect(10, 46, 90, 84, a, 3)
    pans = ("#f1d9c6", "#d9a58b", "#a9644f", "#2f5f9e", "#8b4a63", "#e3b66b", "#6b4a3a", "#c58b9b")
    for i, color in enumerate(pans):
        left, top = 14 + (i % 4) * 18.4, 49 + (i // 4) * 17
        c.rect(left, top, left + 16.5, top + 15, color, 2)


def lipstick(c, a):
    c.shadow(30, 70, 88)
    c.poly([(40, 44), (40, 24), (57, 12), (60, 18), (60, 44)], a)
    c.poly([(40, 24), (57, 12), (60, 18), (44, 30)], shade(a, 1.25))
    c.rect(38, 42, 62, 56, GOLD, 1)
    c.rect(35, 54, 65, 88, DARK, 3)
    c.rect(39, 57, 42, 85, shade(DARK, 1.3), 1.5)


def soap(c, a):
    c.shadow(14, 86, 80)
    c.rect(14, 42, 86, 80, shade(a, 0.88), 12)
    c.rect(14, 38, 86, 72, a, 12)
    c.oval(34, 46, 66, 64, None, shade(a, 0.8), 1.4)
    c.line([(43, 58), (57, 52)], shade(a, 0.72), 1.6)
    for x, y, r in ((70, 24, 7), (82, 32, 4), (60, 28, 3)):
        c.oval(x - r, y - r, x + r, y + r, CREAM)


def perfume(c, a):
    c.shadow(22, 78, 86)
    c.rect(41, 12, 59, 27, DARK, 2)
    c.rect(43, 26, 57, 35, GOLD, 1)
    c.rect(23, 34, 77, 86, CREAM, 6)
    c.rect(27, 48, 73, 82, shade(a, 1.35), 4)
    _label(c, 36, 53, 64, 73, a)


def candle(c, a):
    c.shadow(24, 76, 86)
    c.rect(26, 44, 74, 86, a, 5)
    c.oval(26, 38, 74, 51, shade(a, 0.85))
    c.oval(29, 40, 71, 49, CREAM)
    c.line([(50, 45), (50, 36)], DARK, 1.4)
    c.poly([(50, 14), (57, 29), (50, 37), (43, 29)], "#e8a63c")
    c.poly([(50, 23), (53, 31), (50, 36), (47, 31)], "#fbe3a4")
    _label(c, 36, 58, 64, 76, a)


def brush(c, a):
    for x, head, color in ((26, 26, a), (50, 18, shade(a, 0.8)), (74, 30, shade(a, 1.25))):
        c.poly([(x - 3, 54), (x + 3, 54), (x + 1.6, 90), (x - 1.6, 90)], "#c69a6d")
        c.rect(x - 4, 42, x + 4, 55, GOLD, 1)
        c.oval(x - 8, head, x + 8, head + 22, color)
        c.rect(x - 5, 38, x + 5, 43, color, 1)


def stone(c, a):
    points = [(22, 36), (40, 22), (66, 22), (80, 34), (80, 50), (68, 44), (60, 56), (72, 70)]
    c.poly([*points, (58, 80), (36, 76), (22, 58)], a)
    c.line([(30, 42), (44, 31), (60, 30)], shade(a, 1.5), 3)
    c.line([(34, 62), (48, 70)], shade(a, 0.9), 2)


def gift(c, a):
    c.shadow(18, 82, 86)
    c.rect(20, 46, 80, 86, a, 2)
    c.rect(16, 36, 84, 48, shade(a, 0.85), 2)
    c.rect(45, 36, 55, 86, GOLD)
    c.oval(28, 18, 50, 36, None, GOLD, 4)
    c.oval(50, 18, 72, 36, None, GOLD, 4)
    c.oval(45, 28, 55, 38, shade(GOLD, 0.85))


def pouch(c, a):
    c.shadow(14, 86, 82)
    c.rect(14, 36, 86, 82, a, 9)
    c.rect(14, 34, 86, 42, shade(a, 0.8), 4)
    c.line([(18, 38), (82, 38)], GOLD, 1.6)
    c.rect(78, 36, 82, 50, GOLD, 1.5)
    _label(c, 34, 54, 66, 70, a)


def chair_studio(c, a):
    c.oval(26, 8, 74, 56, GOLD)
    c.oval(29, 11, 71, 53, "#d5e3e8")
    c.line([(42, 40), (56, 24)], CREAM, 2.6)
    c.rect(12, 62, 88, 68, DARK, 2)
    c.rect(22, 48, 31, 62, a, 2)
    c.rect(35, 54, 41, 62, shade(a, 1.3), 1.5)
    c.rect(64, 50, 69, 62, GOLD, 1)
    c.poly([(64, 50), (64, 44), (69, 40), (69, 50)], "#a1152a")
    for x in (18, 80):
        c.rect(x, 68, x + 3, 87, DARK)
