"""Figures in texts: numbers with their units, sizes by role, counts with what is counted.

Values are brought to one unit of their dimension (220 cm = 2,2 m; 2 anos = 24 meses), so that the
text may use another unit than the fact.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from sidecar.claims.spelled import rest_of, spelled
from sidecar.claims.text import fold
from sidecar.search.stopwords import STOPWORDS

# dimension → unit (folded, as a pattern) → factor to the dimension's own unit
_UNITS: dict[str, dict[str, float]] = {
    "length": {
        r"mm|milimetros?|millimet(?:er|re)s?": 0.001,
        r"cm|centimetros?|centimet(?:er|re)s?": 0.01,
        r"km|quilometros?|kilometros?|kilomet(?:er|re)s?": 1000,
        r"m|metros?(?! (?:quadrad|cuadrad|cubic))|met(?:er|re)s?|mts?": 1,
        r"inch(?:es)?|polegadas?|pulgadas?|pol\.?|in(?=$|[,.;)])|''|[\"″”]": 0.0254,
        r"ft|feet|foot": 0.3048,
    },
    "area": {
        r"m2|m²|metros? quadrados?|square met(?:er|re)s?|metros? cuadrados?": 1,
        r"cm2|cm²": 0.0001,
    },
    "mass": {
        r"mg|miligramas?|milligrams?": 1e-6,
        r"kgs?|quilos?|kilos?|quilogramas?|kilogra[mM](?:o|a)?s?": 1,
        r"g|gr|gramas?|gramos?|grams?": 0.001,
        r"lbs?|libras?|pounds?": 0.45359237,
        r"oz|oncas?|onzas?|ounces?": 0.028349523,
        r"toneladas?|tons?": 1000,
    },
    "volume": {
        r"ml|mililitros?|millilit(?:er|re)s?": 0.001,
        r"cl|centilitros?": 0.01,
        r"l|lts?|litros?|lit(?:er|re)s?": 1,
        r"m3|m³|metros? cubicos?|cubic met(?:er|re)s?": 1000,
        r"gal|galoes|galao|gallons?|galones": 3.785411784,
    },
    "power": {r"kw|quilowatts?|kilowatts?": 1000, r"w|watts?|vatios?": 1, r"hp|cv": 745.7},
    "heat": {r"btus?(?:/h)?": 1},
    "voltage": {r"kv": 1000, r"v|volts?|voltios?": 1},
    "current": {r"ma": 0.001, r"(?<=\d)a|amperes?|amps?": 1},
    "charge": {r"mah": 0.001, r"ah": 1},
    "energy": {r"kwh(?:/mes)?": 1000, r"wh": 1},
    "frequency": {r"khz": 1e3, r"mhz": 1e6, r"ghz": 1e9, r"hz|hertz": 1},
    "data": {r"kb": 1e3, r"mb": 1e6, r"gb|gigas?(?:bytes?)?": 1e9, r"tb|teras?(?:bytes?)?": 1e12},
    "speed": {r"mbps|mb/s": 1, r"gbps": 1000},
    "pixels": {r"mp|megapixels?": 1e6, r"px|pixels?": 1},
    "celsius": {r"°\s?c|ºc|graus(?: celsius)?|grados(?: celsius)?|degrees celsius": 1},
    "fahrenheit": {r"°\s?f|ºf": 1},
    "percent": {r"%|por ?cento|por ciento|per ?cent": 1},
    "sound": {r"db": 1},
    "light": {r"lm|lumens?|lumenes": 1},
    "turns": {r"rpm": 1},
    "pressure": {r"psi": 1, r"bar": 14.5038},
    "years": {
        r"anos?|years?|yrs?|ans?|annees?|jahre?n?|ann[oi]|jaar|jaren": 12,
        r"mes(?:es)?|months?|mois|monate?n?|mes[ei]|maand(?:en)?": 1,
    },
    "days": {
        r"semanas?|weeks?|semaines?|wochen?|settiman[ae]": 7,
        r"dias?|days?|jours?|tage?n?|giorn[oi]|dag(?:en)?": 1,
    },
    "seconds": {
        r"h|hs|hrs?|horas?|hours?|heures?|stunden?|or[ae]|uur": 3600,
        r"min|minutos?|minutes?": 60,
        r"s|seg|segundos?|seconds?": 1,
    },
    "money": {r"reais|real|dolares|dollars?|euros?|pesos": 1},
}
SIZES = frozenset({"length", "area", "mass", "volume"})
_IMPERIAL = frozenset({0.0254, 0.3048, 0.45359237, 0.028349523, 3.785411784})
_UNIT = re.compile(
    r"[\s-]?(?:"
    + "|".join(
        f"(?P<u{i}>{pattern})"
        for i, pattern in enumerate(p for units in _UNITS.values() for p in units)
    )
    + r")(?![a-z0-9²³])"
)
_MEANING = [(dim, factor) for dim, units in _UNITS.items() for factor in units.values()]
_CURRENCY = re.compile(r"(?:r\$|us\$|\$|€|£|brl|usd|eur)\s?$")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*")
_LINK = re.compile(r"\s?(?:x|×|por|by|/|-|–|a|to|ate|e|y|and|ou|or|o)\s?$|\s?[x×]\s?$")
_REACH = 40  # characters before a figure that may say what it is
_LIST_MARK = re.compile(r"(?:^|\n)\s*\d{1,2}[.)]\s")
_HEDGE = re.compile(
    r"\b(?:cerca de|aproximad[oa](?:mente)?(?: de)?|aprox\.?|por volta de|quase|about"
    r"|approximately|around|nearly|alrededor de|casi)\s*$"
)
_ROLES = {
    "pt": {
        "width": "largura|larg",
        "height": "altura|alto|alt",
        "depth": "profundidade|prof|fundo",
        "span": "comprimento|comp",
        "diameter": "diametro",
        "thickness": "espessura",
    },
    "es": {
        "width": "ancho|anchura",
        "height": "alto|altura",
        "depth": "profundidad|fondo",
        "span": "largo|longitud",
        "diameter": "diametro",
        "thickness": "grosor|espesor",
    },
    "en": {
        "width": "width|wide",
        "height": "height|high|tall",
        "depth": "depth|deep",
        "span": "length|long",
        "diameter": "diameter",
        "thickness": "thickness|thick",
    },
}
# what a bare number under such a label means
_LABELS = {
    "length": r"largura|altura|profundidade|comprimento|diametro|espessura|ancho|alto|fondo|largo"
    r"|width|height|depth|length|diameter|thickness|dimens",
    "mass": r"peso|weight|massa|masa",
    "volume": r"volume|volumen|capacidade|capacidad|capacity",
    "power": r"potencia|power|wattage",
    "voltage": r"voltagem|tensao|voltaje|tension|voltage",
    "years": r"garantia|warranty|guarantee|idade|edad|age",
}
_LABEL_UNIT = re.compile(r"\(([^()]{1,12})\)\s*$")
# nouns that count the same thing
_SAME = (
    "lugar lugares pessoa pessoas assento assentos plaza plazas persona personas asiento asientos"
    " seat seats seater person persons people",
    "peca pecas unidade unidades item itens pieza piezas unidad unidades piece pieces unit units pc"
    " pcs items pack",
    "gaveta gavetas cajon cajones drawer drawers",
    "porta portas puerta puertas door doors",
    "prateleira prateleiras estante estantes repisa repisas shelf shelves nicho nichos",
    "bolso bolsos bolsillo bolsillos pocket pockets",
    "velocidade velocidades velocidad velocidades speed speeds",
    "cor cores color colores colors colour colours tom tons",
    "tamanho tamanhos talla tallas tamano tamanos size sizes",
    "vez vezes veces parcela parcelas cuota cuotas time times installment installments",
)
_GROUPS = {word: words.split()[0] for words in _SAME for word in words.split()}
_BEFORE = re.compile(r"([a-z]{2,})\s$")
_NOUN = re.compile(r"[\s-]+(?:(?:de|of|diferentes|different)\s+)?([a-z]{2,})")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure at `start`–`end` of a text.

    value: in the dimension's own unit; literal: as it is written. dimension: "" for a bare number,
    which counts a `noun` or names something `after` a word ("Bluetooth 5.3"). role: which size it
    is, or "". rough: "about 40 kg". linked: one of `220 x 90`.
    """

    start: int
    end: int
    dimension: str
    value: float
    literal: float
    noun: str = ""
    after: str = ""
    role: str = ""
    rough: bool = False
    linked: bool = False
    metric: bool = True

    def told_by(self, fact: "Figure") -> bool:
        """Whether the fact's figure says this one."""
        if self.role and fact.role and self.role != fact.role:
            return False
        if self.dimension == "":
            if fact.dimension:
                return self.linked and self.literal == fact.literal
            same = not self.noun or self.noun == fact.noun
            return self.literal == fact.literal and (
                same or (self.after != "" and self.after == fact.after)
            )
        if fact.dimension != self.dimension:
            return False
        within = 0.05 if self.rough else 1e-6 if self.metric == fact.metric else 0.01
        return abs(self.value - fact.value) <= within * max(abs(self.value), abs(fact.value))


def figures(text: str, language: str, lenient: bool = False, times: bool = False) -> list[Figure]:
    """Every figure of `text`, in order. language: ISO 639-1.

    lenient: for facts, whose numbers may be written in another way than the language's; each
    reading of an ambiguous one is given. times: whether "a year" is one, too.
    """
    folded = _LIST_MARK.sub(lambda mark: " " * len(mark.group()), fold(text))
    found: list[list[Figure]] = []
    ends: list[int] = []
    for start, end, values in _numbers(folded, language, lenient, times or lenient):
        if ends and start < found[-1][0].end:
            continue  # the "twenty" of "two meters and twenty"
        ends.append(end)
        if money := _CURRENCY.search(folded, max(0, start - _REACH), start):
            found.append([Figure(money.start(), end, "money", v, v) for v in values])
        elif unit := _UNIT.match(folded, end):
            measured = _measured(folded, start, unit, values, language)
            found.append(_with_rest(measured, folded, unit.end(), language))
        else:
            found.append(_bare(folded, start, end, values, language))
    return [figure for group in _with_units(found, ends, folded) for figure in group]


def _measured(
    folded: str, start: int, unit: re.Match[str], values: list[float], language: str
) -> list[Figure]:
    dimension, factor = _MEANING[int((unit.lastgroup or "u0")[1:])]
    return [
        Figure(
            start,
            unit.end(),
            dimension,
            value * factor,
            value,
            role=_role(folded, start, unit.end(), language) if dimension == "length" else "",
            rough=bool(_HEDGE.search(folded, max(0, start - _REACH), start)),
            metric=factor not in _IMPERIAL,
        )
        for value in values
    ]


def _with_rest(found: list[Figure], folded: str, end: int, language: str) -> list[Figure]:
    """`two meters and a half`, `dois metros e vinte`: the rest belongs to the figure."""
    rest = rest_of(folded, end, language)
    if rest is None or found[0].dimension not in SIZES | {"years"}:
        return found
    stop, more, hundredths = rest
    scale = found[0].value / found[0].literal if found[0].literal else 0.0
    if hundredths and not (found[0].dimension == "length" and scale == 1):
        return found
    return [replace(f, end=stop, value=f.value + more * scale) for f in found]


def _bare(folded: str, start: int, end: int, values: list[float], language: str) -> list[Figure]:
    noun, before = _NOUN.match(folded, end), _BEFORE.search(folded, max(0, start - _REACH), start)
    grammar = _grammar(language)
    counts = noun is not None and noun.group(1) not in grammar and values[0] == int(values[0])
    return [
        Figure(
            start,
            noun.end() if noun and counts else end,
            "",
            value,
            value,
            noun=_counted(noun.group(1)) if noun and counts else "",
            after=before.group(1) if before and before.group(1) not in grammar else "",
            rough=bool(_HEDGE.search(folded, max(0, start - _REACH), start)),
        )
        for value in values
    ]


def fact_text(label: str, value: str) -> str:
    """A fact as one text, with the unit that its label names: `Peso (kg)`, `41,5`."""
    unit = _LABEL_UNIT.search(fold(label))
    if unit and re.fullmatch(r"\s*[\d.,]+\s*", value):
        return f"{label}: {value.strip()} {unit.group(1)}"
    return f"{label}: {value}"


def fact_figures(label: str, value: str, language: str) -> list[Figure]:
    """The figures of a fact. A bare number means what the label says."""
    found = figures(fact_text(label, value), language, lenient=True)
    title = fold(label)
    told = next((dim for dim, words in _LABELS.items() if re.search(words, title)), "")
    bare = [f for f in found if not f.dimension]
    if not told or not re.fullmatch(r"[\s\d.,x×]+", fold(value)):
        nouns = set(re.findall(r"[a-z]{2,}", title))
        return found + [
            Figure(f.start, f.end, "", f.value, f.literal, _counted(n)) for f in bare for n in nouns
        ]
    factors = [factor for dim, factor in _MEANING if dim == told]
    role = _role(title + " ", len(title) + 1, len(title) + 1, language)
    return found + [
        Figure(f.start, f.end, told, f.literal * factor, f.literal, role=role)
        for f in bare
        for factor in factors
    ]


def _numbers(
    folded: str, language: str, lenient: bool, times: bool
) -> list[tuple[int, int, list[float]]]:
    found = [
        (m.start(), m.end(), _values(m.group(), language, lenient))
        for m in _NUMBER.finditer(folded)
    ]
    return sorted(found + [(s, e, [v]) for s, e, v in spelled(folded, language, times)])


def _values(text: str, language: str, lenient: bool) -> list[float]:
    """What a written number may mean; the last group of three digits is thousands or decimals."""
    parts = re.split(r"[.,]", text)
    marks = re.findall(r"[.,]", text)
    whole = float("".join(parts))
    if not marks:
        return [whole]
    broken = float("".join(parts[:-1]) + "." + parts[-1])
    ambiguous = len(parts[-1]) == 3 and len(set(marks)) == 1
    if not ambiguous or (len(marks) == 1 and parts[0] == "0"):
        return [broken]
    if len(marks) > 1:
        return [whole]
    decimal = "." if language == "en" else ","
    if lenient:
        return [whole, broken]
    return [broken] if marks[0] == decimal else [whole]


@lru_cache(maxsize=8)
def _grammar(language: str) -> frozenset[str]:
    return frozenset(map(fold, STOPWORDS.get(language, ())))


def _role(folded: str, start: int, end: int, language: str) -> str:
    pattern = _roles(language)
    after = re.match(r"\s?(?:de |of |in )?", folded[end : end + 24])
    behind = pattern.match(folded, end + (after.end() if after else 0))
    if behind:
        return behind.lastgroup or ""
    clause = re.split(r"[,;.\n]|\d", folded[max(0, start - 30) : start])[-1]
    before = list(pattern.finditer(clause))
    return (before[-1].lastgroup or "") if before else ""


@lru_cache(maxsize=8)
def _roles(language: str) -> re.Pattern[str]:
    roles = _ROLES.get(language, _ROLES["en"])
    return re.compile("|".join(rf"(?P<{role}>\b(?:{words})\b)" for role, words in roles.items()))


def _counted(word: str) -> str:
    if word in _GROUPS:
        return _GROUPS[word]
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


def _with_units(found: list[list[Figure]], ends: list[int], folded: str) -> list[list[Figure]]:
    """`220 x 90 cm`: what is linked to a figure with a unit has that unit too."""
    for index in range(len(found) - 2, -1, -1):
        first, last, end = found[index][0], found[index + 1][0], ends[index]
        if first.dimension or not _LINK.fullmatch(folded, end, last.start):
            continue
        scale = last.value / last.literal if last.literal else 1.0
        found[index] = [
            replace(
                figure,
                end=end,
                dimension=last.dimension,
                value=figure.literal * scale,
                noun=last.noun,
                rough=last.rough,
                linked=True,
                metric=last.metric,
            )
            for figure in found[index]
        ]
        found[index + 1] = [replace(figure, linked=True) for figure in found[index + 1]]
    return found
