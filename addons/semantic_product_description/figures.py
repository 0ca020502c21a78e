"""Figures in a text that no fact tells. Plain Python without Odoo."""

import re

# A number with what follows it: "210 cm", "30 °C", "5 anos", "1.200,50".
FIGURE = re.compile(r"(?<![\w.,])(\d+(?:[.,]\d+)*)(?:\s?(?:%|°[CF]?|[^\W\d_]+\b))?")


def unknown_figures(text, values):
    """Return [(start, end)] of the figures in `text` whose number stands in none of `values`.

    Numbers are compared without separators as well, so that 2,10 m is told by 210 cm.
    """
    known = {form for value in values for number in _numbers(value) for form in _forms(number)}
    return [
        match.span() for match in FIGURE.finditer(text) if not known & set(_forms(match.group(1)))
    ]


def _numbers(value):
    return re.findall(r"\d+(?:[.,]\d+)*", str(value))


def _forms(number):
    yield number.replace(",", ".")
    yield re.sub(r"[.,]", "", number)
