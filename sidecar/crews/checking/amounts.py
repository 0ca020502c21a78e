"""Prices, percentages, sizes, durations, counts and dates of an answer: each as what it is."""

import re
from collections.abc import Iterator
from datetime import timedelta

from sidecar.claims.figures import Figure, figures
from sidecar.claims.text import fold, sentences
from sidecar.crews.checking import moments
from sidecar.crews.checking.known import RECORD, RULE, Known

ORDER = re.compile(
    r"\b(?:pedidos?|encomendas?|compras?|entregas?|pacotes?|faturas?|boletos?|notas?|orders?|parcel"
    r"|package|deliver(?:y|ies)|shipments?|invoices?|payments?|pagamentos?|pagos?|facturas?"
    r"|reembolsos?|estornos?|refunds?|paquetes?|orcamentos?|quotations?|quotes?|cotizacion(?:es)?|s\d{4,})\b"
)
_PRICED_AT = re.compile(
    r"\b(?:custa|custam|cuestan?|costs?|precos?|prices?|precios?|valor|sai|saem|fica|ficam|queda)\b"
    r"|\b(?:por|for|a|at|is|e|es)\sr?\$|[–-]\sr?\$"
)
_FEE = re.compile(
    r"\b(?:fretes?|entregas?|envios?|delivery|shipping|taxas?|fees?|parcelas? minimas?|compras?)\b"
)
_LIMIT = re.compile(
    r"\b(?:ate|abaixo|menos|orcamento|faixa|acima|mais de|entre|limite|under|below|up to|less"
    r"|budget"
    r"|within|over|more than|above|hasta|menos|presupuesto|por debajo|encima)\b"
)
_NOT = {
    "pt": r"nao|nenhum|nenhuma|sem|nunca|infelizmente",
    "en": r"no|not|none|without|never|unfortunately|\w+n't|cannot",
    "es": r"no|ningun|ninguna|sin|nunca|tampoco|lamentablemente",
}
_NEGATED = {language: re.compile(rf"\b(?:{words})\b") for language, words in _NOT.items()}
_STOCK = re.compile(
    r"\b(?:estoque|restam?|sobraram|ultimas|stock|left|remaining|quedan|existencias)\b"
)
_INSTALLMENTS = re.compile(
    r"\b(\d{1,3})\s?(?:x\b(?!\s?\d+\s?(?:cm|mm|m\b))|vezes|parcelas|prestacoes|cuotas|installments"
    r"|payments|pagos)"
)
_CODE = re.compile(r"\b(?=[\w/-]*[a-z])(?=[\w/-]*\d)[a-z0-9]+(?:[-/][a-z0-9]+)*\b")
_LIST_LINE = re.compile(r"(?m)^\s*(?:[•*–-]|\d{1,2}[.)])\s")
_SPELLED_UNITS = frozenset({"days", "years", "seconds", "percent", "money", "length", "mass"})
_BIG = re.compile(
    r"\b(?:(?P<n>[a-z]+)\s)?(?P<big>mil|thousand|cem|cien|cento|ciento|hundred|duzentos|doscientos"
    r"|quinhentos|quinientos)\b(?:\s(?:e|y|and)?\s?\w+){0,3}\s(?:reais|real|pesos|dolares|dollars"
    r"|euros)\b"
)
_HUNDRED = re.compile(
    r"\b(?:cem|cien|ciento|one hundred|a hundred) (?:por cento|por ciento|percent)"
)
_HALF = re.compile(r"\b(?:metade do preco|half (?:the )?price|half off|mitad de(?:l)? precio)\b")
_TWICE = 3  # "duas vezes por ano" is no installment plan
_ORDINARY = re.compile(r"\b(?:abrimos|abre|aberta?|open|abiert\w*|atend\w*|monta\w*)\b")
_ONE = re.compile(r"\b(?:um|uma|one|a|un|una)\s(mes|month|ano|year|semana|week)\b")
_ONE_IS = {"mes": ("years", 1), "month": ("years", 1), "ano": ("years", 12), "year": ("years", 12),
           "semana": ("days", 7), "week": ("days", 7)}  # fmt: skip
_ARRIVES = re.compile(
    r"\b(?:entreg\w*|cheg\w*|receb\w*|deliver\w*|arriv\w*|ships?|llega\w*|envi\w*)\b"
)
_TENS = {
    "dez": 10, "quinze": 15, "vinte": 20, "trinta": 30, "quarenta": 40, "cinquenta": 50,
    "sessenta": 60, "setenta": 70, "oitenta": 80, "noventa": 90, "diez": 10, "quince": 15,
    "veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta y": 70,
    "ochenta": 80, "noventa y": 90, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30,
    "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "cinco": 5,
    "five": 5,
}  # fmt: skip
_SPELLED_PERCENT = re.compile(rf"\b({'|'.join(_TENS)})\s(?:por cento|por ciento|per ?cent)\b")


def negated(folded: str, language: str) -> bool:
    """Whether a folded sentence says no. "No" is "in the" in Portuguese."""
    return bool(_NEGATED.get(language, _NEGATED["en"]).search(folded))


def problems(text: str, known: Known) -> Iterator[str]:
    """Amounts of `text` that nothing says, as they are written."""
    lines = len(_LIST_LINE.findall(text))
    for part in sentences(text):
        yield from _of_sentence(part, known, lines)


def _of_sentence(part: str, known: Known, lines: int) -> Iterator[str]:
    folded = fold(part)
    for start, end, pairs in moments.dates(folded):
        if not pairs & known.dates and not _said(part[start:end], known):
            yield part[start:end]
        folded = _blank(folded, start, end)
    for start, end, moment in moments.times(folded):
        if moment not in known.times and not _lasts(folded[start:end], known):
            said = any(moment in moments.times_in(words, known.zone) for words in known.said)
            if not (said and (negated(folded, known.language) or "?" in part)):
                yield part[start:end]
        folded = _blank(folded, start, end)
    arrives = bool(_ARRIVES.search(folded)) and not negated(folded, known.language)
    for start, end, day in moments.weekdays(folded):
        if arrives and not _ORDINARY.search(folded) and day not in known.dated_weekdays:
            yield part[start:end]
            continue
        said = any(day in moments.weekdays_in(words) for words in known.said)
        if day not in known.weekdays and not (
            said and (negated(folded, known.language) or "?" in part)
        ):
            yield part[start:end]
    for match in _ONE.finditer(folded):
        dimension, value = _ONE_IS[match[1]]
        one = Figure(0, 0, dimension, float(value), 1.0)
        if not any(one.told_by(fact) for fact in known.measured):
            yield part[match.start() : match.end()]
    if moments.says_tomorrow(folded) and not _knows_tomorrow(known, arrives):
        yield "amanhã/tomorrow"
    for match in _SPELLED_PERCENT.finditer(folded):
        if float(_TENS[match[1]]) not in known.percents:
            yield part[match.start() : match.end()]
        folded = _blank(folded, match.start(), match.end())
    for pattern in (_BIG, _HUNDRED, _HALF):
        for match in pattern.finditer(folded):
            if match.group() not in known.blob and not _LIMIT.search(folded):
                yield part[match.start() : match.end()]
            folded = _blank(folded, match.start(), match.end())
    yield from _figures(part, folded, known, lines)


def _figures(part: str, folded: str, known: Known, lines: int) -> Iterator[str]:
    for match in _CODE.finditer(folded):  # a code is said as it is read
        if match.group() in known.blob or match.group() in known.said_blob:
            folded = _blank(folded, match.start(), match.end())
    for match in _INSTALLMENTS.finditer(folded):
        if not _may_pay_in(int(match[1]), known):
            yield part[match.start() : match.end()]
        folded = _blank(folded, match.start(1), match.end(1))
    about = known.named(folded)
    for name in about:  # "4 Portas" of a name is no count
        folded = folded.replace(name, " " * len(name))
    by_place: dict[int, list[Figure]] = {}
    for figure in figures(folded, known.language, lenient=True):
        by_place.setdefault(figure.start, []).append(figure)
    for start, readings in by_place.items():
        end = readings[0].end
        spelled = not any(map(str.isdigit, folded[start:end]))
        if spelled and not _is_a_claim(readings[0], folded):
            continue
        if not any(_holds(figure, folded, about, known, lines) for figure in readings):
            yield part[start:end].strip()


def _is_a_claim(figure: Figure, folded: str) -> bool:
    """Whether a number word tells something: "duas opções" does not."""
    counted = figure.noun in ("peca", "vez") or bool(_STOCK.search(folded))
    return figure.dimension in _SPELLED_UNITS or (figure.dimension == "" and counted)


def _holds(figure: Figure, folded: str, about: list[str], known: Known, lines: int) -> bool:
    if figure.dimension == "money":
        return _may_cost(figure.value, folded, about, known)
    if figure.dimension == "percent":
        if figure.value in known.percents:
            return True
        said = figure.literal in known.said_numbers
        return said and negated(folded, known.language)
    if figure.dimension:
        if any(figure.told_by(fact) for fact in known.measured):
            return True
        return figure.literal in known.said_numbers
    if figure.literal in known.said_numbers:
        return True
    if figure.noun == "vez":
        return _may_pay_in(int(figure.literal), known) or figure.literal <= _TWICE
    if figure.noun == "peca" or _STOCK.search(folded):
        return figure.literal in known.quantities
    if figure.literal in known.numbers:
        return True
    return figure.literal in (lines, len(known.products)) or figure.literal == 1


def _may_cost(value: float, folded: str, about: list[str], known: Known) -> bool:
    value = round(value, 2)
    if len(about) == 1:
        allowed = known.money.get(about[0], set()) | known.money.get("", set())
        if ORDER.search(folded):
            allowed |= known.money.get(RECORD, set())
        if not _PRICED_AT.search(folded) or _FEE.search(folded):
            allowed |= known.money.get(RULE, set())
    else:
        allowed = {amount for amounts in known.money.values() for amount in amounts}
    if value in allowed:
        return True
    said = value in {round(number, 2) for number in known.said_numbers}
    return said and (bool(_LIMIT.search(folded)) or negated(folded, known.language))


def _may_pay_in(count: int, known: Known) -> bool:
    """As many installments as are told of, or fewer; sizes such as "2 x" are known numbers."""
    if count in known.numbers or count in known.said_numbers:
        told = {int(m[1]) for text in known.texts for m in _INSTALLMENTS.finditer(fold(text))}
        keyed = {
            int(leaf.value)
            for leaf in known.leaves
            if leaf.key in ("installments_max", "installments_free", "count")
        }
        most = max(told | keyed, default=0)
        return 1 <= count <= most if most else count in known.numbers
    told = {int(m[1]) for text in known.texts for m in _INSTALLMENTS.finditer(fold(text))}
    return 1 <= count <= max(told, default=0)


def _lasts(written: str, known: Known) -> bool:
    """`24h` may be a duration."""
    hours = re.match(r"(\d{1,2})\s?h", written)
    if not hours:
        return False
    figure = Figure(0, 0, "seconds", int(hours[1]) * 3600.0, float(hours[1]))
    return any(figure.told_by(fact) for fact in known.measured)


def _knows_tomorrow(known: Known, arrives: bool) -> bool:
    day = known.today + timedelta(days=1)
    if (day.month, day.day) in known.dates or moments.says_tomorrow(known.blob):
        return True
    return not arrives and day.weekday() in known.weekdays


def _said(written: str, known: Known) -> bool:
    return fold(written) in known.said_blob


def _blank(folded: str, start: int, end: int) -> str:
    return folded[:start] + " " * (end - start) + folded[end:]
