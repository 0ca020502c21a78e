"""Drawings of Casa Ipê's products: each takes a Canvas `c` and the accent color `a`."""

from canvas import shade

WOOD, DARK, LIGHT = "#a9744a", "#4a3b31", "#fbf6ee"


def _legs(c, xs, top, bottom=83, width=2.4, color=WOOD):
    for x in xs:
        c.rect(x - width / 2, top, x + width / 2, bottom, color, 0.8)


def _couch(c, a, x0, x1, seats):
    c.shadow(x0 - 2, x1 + 2)
    _legs(c, (x0 + 5, x1 - 5), 72)
    c.rect(x0 + 3, 36, x1 - 3, 70, shade(a, 0.85), 6)
    step = (x1 - x0 - 16) / seats
    for i in range(seats):
        left = x0 + 8 + i * step
        c.rect(left + 0.5, 39, left + step - 0.5, 60, a, 4)
        c.rect(left + 0.5, 57, left + step - 0.5, 68, shade(a, 1.22), 3)
    c.rect(x0 + 5, 66, x1 - 5, 75, shade(a, 0.78), 2)
    for left in (x0, x1 - 9):
        c.rect(left, 49, left + 9, 75, shade(a, 0.92), 4)


def sofa(c, a):
    _couch(c, a, 9, 91, 3)


def sofa2(c, a):
    _couch(c, a, 18, 82, 2)


def corner_sofa(c, a):
    _couch(c, a, 8, 92, 3)
    c.rect(10, 58, 37, 79, shade(a, 1.22), 4)
    c.rect(10, 72, 37, 80, shade(a, 0.78), 2)


def armchair(c, a):
    c.shadow(26, 74)
    c.line([(30, 62), (26, 83)], WOOD, 3)
    c.line([(70, 62), (74, 83)], WOOD, 3)
    c.rect(30, 28, 70, 68, shade(a, 0.85), 7)
    c.rect(34, 33, 66, 60, a, 5)
    c.rect(32, 57, 68, 69, shade(a, 1.22), 4)
    for x in (24, 68):
        c.rect(x, 51, x + 8, 55, WOOD, 2)
        c.line([(x + 4, 54), (x + 4, 70)], WOOD, 2.4)


def ottoman(c, a):
    c.shadow(26, 74)
    c.rect(27, 47, 73, 82, shade(a, 0.85), 10)
    c.oval(27, 40, 73, 58, a)
    c.arc(43, 34, 57, 50, 180, 360, WOOD, 2.2)
    c.line([(33, 70), (67, 70)], shade(a, 0.7), 1)


def rack(c, a):
    c.shadow(10, 90)
    c.rect(24, 22, 76, 52, DARK, 2)
    c.rect(26, 24, 74, 50, "#6d8590", 1)
    c.rect(46, 52, 54, 58, DARK)
    _legs(c, (16, 84), 74)
    c.rect(10, 57, 90, 77, a, 2)
    for x in range(14, 40, 4):
        c.rect(x, 60, x + 2.4, 74, shade(a, 0.8), 1)
    c.rect(44, 60, 86, 74, shade(a, 0.68), 1)
    c.rect(50, 68, 64, 71, LIGHT, 1)


def shelf(c, a):
    c.shadow(26, 74, 85)
    c.rect(27, 14, 30, 85, DARK)
    c.rect(70, 14, 73, 85, DARK)
    for y in (16, 33, 50, 67, 82):
        c.rect(25, y, 75, y + 3, a, 1)
    for x, top, color in ((33, 22, "#b5573a"), (38, 20, "#1f4e5f"), (43, 23, "#d09a2c")):
        c.rect(x, top, x + 4, 33, color, 0.6)
    c.oval(55, 40, 66, 50, "#6b7a45")
    c.rect(34, 59, 50, 67, "#d8c3a5", 1)
    c.rect(56, 72, 66, 82, "#b5573a", 2)


def coffee_table(c, a):
    c.shadow(18, 82)
    for x0, x1 in ((30, 25), (70, 75), (50, 50)):
        c.line([(x0, 58), (x1, 82)], shade(a, 0.75), 3)
    c.oval(12, 46, 88, 64, shade(a, 0.8))
    c.oval(12, 43, 88, 61, a)
    c.rect(42, 43, 58, 47, "#b5573a", 1)
    c.rect(44, 39, 57, 43, LIGHT, 1)


def dining_table(c, a):
    c.shadow(10, 90)
    for x in (24, 68):
        c.rect(x, 36, x + 8, 58, shade(a, 1.25), 3)
    c.rect(8, 52, 92, 58, a, 2)
    c.poly([(18, 58), (24, 58), (20, 83), (14, 83)], DARK)
    c.poly([(82, 58), (76, 58), (80, 83), (86, 83)], DARK)
    c.oval(42, 44, 58, 52, "#b5573a")
    c.line([(50, 45), (50, 33)], "#6b7a45", 2)
    c.oval(46, 28, 54, 36, "#6b7a45")


def round_table(c, a):
    c.shadow(32, 68)
    c.poly([(47, 50), (53, 50), (64, 83), (36, 83)], shade(a, 0.8))
    c.oval(14, 40, 86, 58, shade(a, 0.8))
    c.oval(14, 37, 86, 55, a)
    c.oval(42, 41, 58, 49, LIGHT)


def chair(c, a):
    c.shadow(30, 70)
    for x0, x1 in ((35, 31), (65, 69)):
        c.line([(x0, 60), (x1, 83)], WOOD, 2.6)
        c.line([(x0, 60), (x0, 22)], WOOD, 2.6)
    c.rect(34, 21, 66, 45, WOOD, 5)
    c.rect(37, 24, 63, 42, a, 3)
    for step in range(1, 6):
        c.line([(37 + step * 4.3, 25), (37 + step * 4.3, 41)], shade(a, 0.88), 0.5)
    c.rect(30, 56, 70, 63, shade(a, 0.9), 3)


def stool(c, a):
    c.shadow(32, 68, 86)
    for x0, x1 in ((38, 32), (62, 68)):
        c.line([(x0, 40), (x1, 86)], DARK, 2.4)
    c.line([(35, 66), (65, 66)], DARK, 2)
    c.rect(31, 33, 69, 42, a, 4)
    c.rect(33, 22, 67, 30, shade(a, 0.85), 4)
    c.line([(38, 28), (38, 36)], DARK, 2)
    c.line([(62, 28), (62, 36)], DARK, 2)


def sideboard(c, a):
    c.shadow(10, 90)
    _legs(c, (16, 84), 74)
    c.rect(9, 46, 91, 77, a, 2)
    for i in range(4):
        left = 12 + i * 19.3
        c.rect(left, 50, left + 17.5, 74, shade(a, 1.35), 1)
        c.oval(left + 14, 60, left + 16, 63, "#d09a2c")
    c.rect(20, 34, 30, 46, "#1f4e5f", 3)
    c.line([(25, 35), (22, 22)], "#6b7a45", 1.8)
    c.line([(25, 35), (29, 20)], "#6b7a45", 1.8)


def bar_cart(c, a):
    c.shadow(24, 76, 86)
    for x in (27, 73):
        c.line([(x, 24), (x, 80)], a, 2.2)
        c.oval(x - 3, 79, x + 3, 85, DARK)
    for y in (42, 70):
        c.rect(24, y, 76, y + 4, shade(a, 0.8), 1)
    c.rect(34, 27, 40, 42, "#6b7a45", 2)
    c.rect(36, 21, 38, 29, "#6b7a45", 1)
    c.rect(46, 29, 53, 42, "#b5573a", 2)
    c.oval(58, 27, 68, 36, LIGHT)
    c.line([(63, 35), (63, 41)], LIGHT, 1.2)
    c.rect(36, 58, 62, 70, WOOD, 2)


def bed(c, a):
    c.shadow(10, 90)
    _legs(c, (15, 85), 76)
    c.rect(12, 26, 88, 62, a, 5)
    for x in (26, 42, 58, 74):
        c.line([(x, 29), (x, 52)], shade(a, 0.85), 0.8)
    for x in (20, 53):
        c.rect(x, 43, x + 27, 57, LIGHT, 4)
    c.rect(9, 53, 91, 70, shade(LIGHT, 0.96), 4)
    c.rect(9, 60, 91, 72, "#b5573a", 3)
    c.rect(9, 70, 91, 78, shade(a, 0.75), 2)


def bunk_bed(c, a):
    c.shadow(12, 88, 86)
    for x in (14, 82):
        c.rect(x, 14, x + 4, 86, a, 1)
    for y, color in ((34, "#1f4e5f"), (70, "#d09a2c")):
        c.rect(14, y, 86, y + 6, shade(a, 0.85), 1)
        c.rect(18, y - 6, 82, y, color, 2)
        c.rect(19, y - 10, 34, y - 4, LIGHT, 2)
    c.rect(14, 20, 60, 23, a, 1)
    for x in (68, 78):
        c.line([(x, 22), (x, 86)], WOOD, 2)
    for y in (46, 56, 78):
        c.line([(68, y), (78, y)], WOOD, 2)


def mattress(c, a):
    c.shadow(10, 90, 76)
    c.rect(8, 44, 92, 76, shade(a, 0.88), 6)
    c.rect(8, 38, 92, 62, LIGHT, 8)
    for x in range(18, 90, 11):
        c.oval(x, 47, x + 2, 49, shade(LIGHT, 0.8))
    c.rect(8, 64, 92, 67, a)
    c.oval(70, 24, 88, 38, LIGHT)
    c.oval(60, 28, 76, 38, LIGHT)


def wardrobe(c, a):
    c.shadow(14, 86, 87)
    c.rect(14, 14, 86, 86, a, 2)
    for i in range(4):
        left = 17 + i * 17
        mirror = i in (1, 2)
        c.rect(left, 18, left + 15, 66, "#bcd0d6" if mirror else shade(a, 1.22), 1)
        c.rect(left + (12 if i % 2 == 0 else 1.5), 42, left + (13.5 if i % 2 == 0 else 3), 50, DARK)
    for left in (17, 51):
        c.rect(left, 69, left + 32, 82, shade(a, 0.88), 1)
        c.rect(left + 12, 75, left + 20, 76.5, DARK, 0.5)


def dresser(c, a):
    c.shadow(20, 80)
    _legs(c, (26, 74), 76)
    c.rect(20, 30, 80, 79, a, 2)
    for i in range(4):
        top = 33 + i * 11.4
        c.rect(23, top, 77, top + 10, shade(a, 1.2), 1)
        c.oval(38, top + 4, 40.5, top + 6.5, DARK)
        c.oval(59.5, top + 4, 62, top + 6.5, DARK)
    c.rect(58, 18, 70, 30, "#6b7a45", 2)


def desk(c, a):
    c.shadow(10, 90)
    c.rect(9, 48, 91, 53, a, 1.5)
    c.rect(60, 53, 87, 66, shade(a, 0.82), 1)
    c.rect(70, 58.5, 77, 60, LIGHT, 0.5)
    for x0, x1 in ((15, 11), (85, 89)):
        c.line([(x0, 54), (x1, 83)], DARK, 2.6)
    c.rect(22, 24, 52, 43, DARK, 1.5)
    c.rect(24, 26, 50, 41, "#8fb0b8", 0.5)
    c.rect(35, 43, 39, 48, DARK)
    c.rect(68, 40, 74, 48, "#b5573a", 1)


def office_chair(c, a):
    c.shadow(28, 72, 86)
    c.rect(48, 60, 52, 76, DARK)
    c.line([(50, 75), (32, 83)], DARK, 3)
    c.line([(50, 75), (68, 83)], DARK, 3)
    for x in (32, 50, 68):
        c.oval(x - 3, 81, x + 3, 87, DARK)
    c.rect(34, 16, 66, 52, shade(a, 0.85), 8)
    for y in range(22, 48, 5):
        c.line([(38, y), (62, y)], shade(a, 1.25), 0.8)
    c.rect(31, 53, 69, 62, a, 4)
    for x in (25, 67):
        c.rect(x, 42, x + 8, 46, DARK, 2)
        c.line([(x + 4, 45), (x + 4, 57)], DARK, 2)


def balcony(c, a):
    c.shadow(8, 92)
    for left in (9, 64):
        c.rect(left, 38, left + 27, 66, a, 8)
        c.rect(left + 4, 44, left + 23, 60, LIGHT, 4)
        c.rect(left + 2, 60, left + 25, 68, shade(LIGHT, 0.9), 3)
        _legs(c, (left + 4, left + 23), 66, 83, 2, DARK)
    c.oval(40, 59, 60, 66, WOOD)
    c.line([(50, 64), (50, 82)], WOOD, 2.4)
    c.rect(47, 52, 53, 61, "#6b7a45", 2)


def lounger(c, a):
    c.shadow(10, 90)
    c.oval(66, 10, 86, 30, "#e8b94a")
    c.line([(10, 66), (56, 66), (84, 38)], WOOD, 4)
    c.line([(12, 62), (55, 62), (82, 35)], a, 5)
    c.line([(18, 67), (18, 82)], WOOD, 3)
    c.line([(56, 67), (56, 82)], WOOD, 3)
    c.line([(76, 46), (78, 82)], WOOD, 2.4)
    c.oval(14, 77, 23, 86, DARK)


def hammock(c, a):
    c.rect(10, 14, 15, 86, WOOD, 1)
    c.rect(85, 14, 90, 86, WOOD, 1)
    c.arc(10, 2, 90, 66, 22, 158, a, 12)
    c.arc(10, 4, 90, 60, 22, 158, shade(a, 1.3), 3)
    for x in range(24, 78, 6):
        drop = 62 - abs(x - 50) ** 2 / 42
        c.line([(x, drop), (x, drop + 7)], shade(a, 0.8), 0.9)
    c.line([(15, 26), (20, 50)], DARK, 1.2)
    c.line([(85, 26), (80, 50)], DARK, 1.2)


def rug(c, a):
    c.poly([(24, 36), (76, 36), (92, 78), (8, 78)], a)
    c.poly([(28, 40), (72, 40), (84, 74), (16, 74)], shade(a, 1.35))
    c.poly([(50, 44), (68, 57), (50, 70), (32, 57)], "#b5573a")
    c.poly([(50, 50), (59, 57), (50, 64), (41, 57)], LIGHT)
    for x in range(8, 93, 4):
        c.line([(x, 78), (x, 82)], shade(a, 0.85), 0.9)


def lamp(c, a):
    c.shadow(20, 50, 87)
    c.rect(22, 84, 48, 87, a, 1)
    c.line([(34, 85), (34, 34)], a, 2.2)
    c.arc(34, 14, 74, 56, 180, 300, a, 2.2)
    c.poly([(54, 20), (72, 20), (82, 42), (46, 42)], LIGHT)
    c.rect(46, 41, 82, 43, "#d09a2c", 1)
    c.poly([(48, 44), (80, 44), (92, 80), (38, 80)], "#f7e6bd")


def mirror(c, a):
    c.line([(50, 12), (40, 26)], WOOD, 2)
    c.line([(50, 12), (60, 26)], WOOD, 2)
    c.oval(18, 20, 82, 84, a)
    c.oval(22, 24, 78, 80, "#cfdfe2")
    c.line([(36, 60), (58, 34)], LIGHT, 3)
    c.line([(46, 66), (64, 46)], LIGHT, 2)


def cushion(c, a):
    c.shadow(22, 78, 80)
    c.poly([(20, 26), (50, 31), (80, 26), (76, 53), (80, 79), (50, 75), (20, 79), (24, 53)], a)
    for x, y in ((38, 43), (62, 43), (50, 58), (38, 68), (62, 68)):
        for dx, dy in ((-4, 0), (4, 0), (0, -4), (0, 4)):
            c.oval(x + dx - 2.6, y + dy - 2.6, x + dx + 2.6, y + dy + 2.6, shade(a, 1.45))
        c.oval(x - 2, y - 2, x + 2, y + 2, "#e8b94a")


def coat_rack(c, a):
    c.shadow(32, 68, 87)
    c.line([(50, 14), (50, 78)], a, 3)
    for x in (34, 50, 66):
        c.line([(50, 72), (x, 86)], a, 2.6)
    for y in (20, 32):
        c.line([(50, y + 6), (38, y)], a, 2.4)
        c.line([(50, y + 6), (62, y)], a, 2.4)
    c.poly([(59, 30), (70, 36), (67, 64), (57, 64)], "#1f4e5f")
    c.oval(30, 12, 46, 19, "#d8c3a5")


def plan(c, a):
    c.rect(16, 20, 84, 80, LIGHT, 3)
    for box in ((24, 28, 50, 50), (50, 28, 76, 72), (24, 50, 50, 72)):
        x0, y0, x1, y1 = box
        c.line([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)], DARK, 1.6)
    c.rect(28, 32, 42, 38, a, 1)
    c.oval(58, 42, 70, 54, shade(a, 1.2))
    c.rect(28, 60, 44, 68, "#6b7a45", 1)
    c.line([(60, 86), (86, 56)], "#d09a2c", 3.4)
