"""Measures written as the readers of a language write numbers: `1.42 m³` is `1,42 m³` in pt_BR.

Only figures before a unit are touched, and only their marks: codes, versions, dates and names of
models stay as they are.
"""

import re
from functools import lru_cache

from babel.numbers import get_decimal_symbol, get_group_symbol

_NUMBER = r"\d+(?:[.,]\d+)*"
_UNITS = (
    "mm cm dm km m mm² cm² dm² km² m² mm2 cm2 m2 cm³ dm³ m³ cm3 m3 mg kg g t ml mL cl cL l L dl dL"
    " W kW kWh Wh V kV mA mAh Ah Hz kHz MHz GHz KB MB GB TB Mbps Gbps MP dB lm rpm psi bar hp HP"
    " cv CV BTU °C ºC °F % ft lb lbs oz gal pol polegadas pulgadas inches feet metros? meters?"
    " metres? centímetros? centimeters? centimetres? milímetros? quilos? kilos? kilogramas? gramas?"
    " gramos? grams? litros? liters? litres? watts? volts?"
)
_MEASURE = re.compile(
    rf"(?<![\w.,])(?<![^\W\d_]-)(?!802\.11)({_NUMBER})"
    rf"(?=(?:\s?[x×]\s?{_NUMBER})*[\s-]?(?:{'|'.join(_UNITS.split())}|[\"″”])(?![\w²³]))"
)


def measures(text: str, language: str, pointed: bool = False) -> str:
    """`text` with its measures in the marks of an Odoo language code.

    pointed: numbers come from a machine, whose only mark is the decimal point; else a mark before
    three digits that the language groups by is taken for what it says there.
    """
    decimal, group = _marks(language)
    return _MEASURE.sub(lambda m: _written(m.group(1), decimal, group, pointed), text)


@lru_cache(maxsize=32)
def _marks(language: str) -> tuple[str, str]:
    """Decimal and thousands mark; "" for a thousands mark that is a space or an apostrophe."""
    group = get_group_symbol(language)
    return get_decimal_symbol(language), group if group in ".," else ""


def _written(number: str, decimal: str, group: str, pointed: bool) -> str:
    groups = re.split(r"[.,]", number)
    marks = re.findall(r"[.,]", number)
    if not marks or (len(marks) == 1 and marks[0] == decimal and not pointed):
        return number
    grouped = len(groups[-1]) == 3 and 0 < len(groups[0]) <= 3 and groups[0] != "0"
    if not pointed and len(set(marks)) == 1 and grouped and (len(marks) > 1 or marks[0] == group):
        whole, broken = "".join(groups), ""
    else:
        whole, broken = "".join(groups[:-1]), decimal + groups[-1]
    start = len(whole) % 3
    thousands = [whole[:start], *(whole[i : i + 3] for i in range(start, len(whole), 3))]
    return group.join(filter(None, thousands)) + broken
