"""Price limits in a customer's question, in Portuguese and English.

"sofá de 3 lugares até R$ 3.000" → text "sofá de 3 lugares", max_price 3000. Only the words of the
limit are taken out: "3.000" must not be searched, "3 lugares" must.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_ONE_SIDED = r"""
    (?: (?P<most> ate(?:\s+no\s+maximo)? | no\s+maximo | maximo\s+de | (?:por\s+)?menos\s+de
              | (?:mais\s+)?barat[oa]s?\s+(?:do\s+)?que | abaixo\s+d[eo]s? | inferior(?:es)?\s+a
              | nao\s+(?:passe|passem|ultrapasse)\s+de | por\s+ate | de\s+ate | limite\s+de
              | under | below | less\s+than | up\s+to | at\s+most | cheaper\s+than
              | no\s+more\s+than
              | not\s+more\s+than | max(?:imum)?(?:\s+of)? | within )
      | (?P<least> a\s+partir\s+d[eo]s? | (?:por\s+)?mais\s+de | acima\s+d[eo]s? | no\s+minimo
              | minimo\s+de | pelo\s+menos | superior(?:es)?\s+a | mais\s+car[oa]s?\s+(?:do\s+)?que
              | over | above | more\s+than | at\s+least | from | starting\s+at
              | min(?:imum)?(?:\s+of)? )
    )
"""
_BEFORE = r"(?: r\$ | us\$ | u\$s | € | £ | \$ | brl | usd | eur | gbp )"
_AFTER = r"""(?: reais | real | dolares | dolar | euros? | dollars? | bucks | pounds?
    | brl | usd | eur | r\$ | \$ | € | £ )"""
_DIGITS = r"\d{1,3}(?:[.,\ ]\d{3})+(?:[.,]\d{1,2})?(?!\d) | \d+(?:[.,]\d{1,2})?(?!\d)"
_THOUSAND = r"(?: mil\b | k\b | thousand\b )"


_FLAGS = re.VERBOSE | re.IGNORECASE
# fmt: off
_EN_UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_EN_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_PT_UNITS = ["um", "dois", "tres", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez"]
_PT_TENS = ["vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa"]
_PT_HUNDREDS = [
    "cem", "duzentos", "trezentos", "quatrocentos", "quinhentos", "seiscentos", "setecentos",
    "oitocentos", "novecentos",
]
# fmt: on


def _number_words(language: str) -> dict[str, float]:
    """Round amounts as people write them out, accents folded: phrase → value."""
    if language.startswith("en"):
        words = {word: float(n) for n, word in enumerate(_EN_UNITS, 1)} | {"a hundred": 100.0}
        words |= {f"{word} hundred": 100.0 * n for n, word in enumerate(_EN_UNITS[:9], 1)}
        return words | {word: 10.0 * n for n, word in enumerate(_EN_TENS, 2)}
    if not language.startswith("pt"):
        return {}
    words = {word: float(n) for n, word in enumerate(_PT_UNITS, 1)} | {"mil": 1000.0}
    words |= {word: 10.0 * n for n, word in enumerate(_PT_TENS, 2)}
    for n, word in enumerate(_PT_HUNDREDS, 1):
        words[word] = 100.0 * n
        words[f"mil e {word}"] = 1000 + 100.0 * n
        for m, more in enumerate(_PT_UNITS[1:9], 2):
            words[f"{more} mil e {word}"] = 1000.0 * m + 100 * n
    return words


@dataclass(frozen=True, slots=True)
class _Grammar:
    words: dict[str, float]
    between: re.Pattern[str]
    limit: re.Pattern[str]


@lru_cache(maxsize=16)
def _grammar(language: str) -> _Grammar:
    words = _number_words(language)
    spoken = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or "(?!)"

    def amount(n: int) -> str:
        return (
            rf"(?P<cur{n}>{_BEFORE})?\s*(?:(?P<num{n}>{_DIGITS})|(?P<word{n}>(?:{spoken})(?!\w)))"
            rf"(?:\s*(?P<mil{n}>{_THOUSAND}))?(?:\s*(?:de\s+)?(?P<unit{n}>{_AFTER})(?!\w))?"
        )

    between = (
        rf"(?<!\w)(?P<open>entre|between|from|de)\s+{amount(1)}"
        rf"\s*(?P<link>e|and|a|ate|to|-)\s+{amount(2)}(?!\w)"
    )
    limit = rf"(?<!\w){_ONE_SIDED}\s*{amount(1)}(?![\w%])"
    return _Grammar(words, re.compile(between, _FLAGS), re.compile(limit, _FLAGS))


# What follows a bare number and makes it something else than money: "até 200 cm", "3 lugares".
_OTHER_UNIT = re.compile(
    r"""\s*(?: % | ° | º | ª | [x×]\s*\d | "
      | (?:lugar | pessoa | assento | porta | gaveta | peca | unidade | item | itens | ano | mes
         | meses | dia | hora | minuto | metro | centimetro | milimetro | polegada | quilo | litro
         | watt | volt | hertz | parcela | vez | vezes | cadeira | prateleira | andar | nivel | cor
         | cores | par | pares | tamanho | estrela | folha | pagina | grama
         | seat | person | people | door | drawer | piece | unit | year | month | day | hour
         | minute
         | meter | metre | centimeter | inch | foot | feet | pound | ounce | liter | litre | star
         | color | size | pair | shelf | shelves | pack | sheet | page | gram | kilo
         | cm | mm | m | km | m2 | m² | kg | g | mg | lb | lbs | oz | l | ml | w | kw | v | hz | ghz
         | mhz | mah | gb | tb | mb | mp | in | ft | pol | px | fps | rpm | btu | btus | spf | fps
         | h | min | s | x
        )(?:e?s)?(?!\w) )""",
    _FLAGS,
)
_PRICE_WORD = re.compile(
    r"(?<!\w)(?:preco|precos|valor|valores|custa|custam|custando|custe|custem|custar|orcamento"
    r"|gastar|pagar|price|prices|priced|cost|costs|costing|budget|spend|pay)(?!\w)",
    re.IGNORECASE,
)
# Words that only led to the limit and mean nothing without it.
_LEFT_OVER = re.compile(
    r"(?:(?<!\w)(?:que\s+(?:custem?|custam?|nao)|custando|com\s+(?:o\s+)?preco|de\s+preco|no\s+valor"
    r"|com\s+valor|por|ate|na\s+faixa|priced|costing|that\s+costs?|for|at|with\s+a\s+price)\s*)$",
    re.IGNORECASE,
)
_SMALL = 20  # a bare number below this is a count unless the question speaks of prices


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question asks for.

    text: the question without its price limits, the part worth searching.
    min_price, max_price: inclusive limits in the tenant's currency, or None.
    """

    text: str
    min_price: float | None = None
    max_price: float | None = None

    def allows_price(self, price: float) -> bool:
        """Whether a product of this price is within the limits."""
        return (self.min_price is None or price >= self.min_price) and (
            self.max_price is None or price <= self.max_price
        )


def understand(text: str, language: str) -> Wanted:
    """Reads the price limits out of `text`.

    Phrases of both languages are read whatever the tenant's; `language` (an Odoo or ISO code)
    says whose written-out numbers count ("quinhentos reais", "two hundred dollars"). A separator
    before exactly three digits groups thousands ("3.000", "3,000"), any other is the decimal one.
    Contradictory limits (minimum above maximum) are swapped, as in "between 90 and 50".
    """
    folded = _fold(text)
    lowest: float | None = None
    highest: float | None = None
    cuts: list[tuple[int, int]] = []
    ranges: list[tuple[int, int]] = []  # "from 2 to 4": not half a limit when it is no price
    about_prices = bool(_PRICE_WORD.search(folded))
    grammar = _grammar(language.split("_")[0].lower())

    for match in grammar.between.finditer(folded):
        ranges.append(match.span())
        low, high = _value(match, 1, grammar.words), _value(match, 2, grammar.words)
        if match["mil2"] and not match["mil1"] and low < 1000 <= high and low < high / 1000:
            low *= 1000  # "entre 2 e 3 mil"
        if _is_range(match, folded, about_prices, max(low, high)):
            lowest, highest = min(low, high), max(low, high)
            cuts.append(match.span())
    for match in grammar.limit.finditer(folded):
        if any(start < match.end() and match.start() < end for start, end in ranges):
            continue
        value = _value(match, 1, grammar.words)
        if not _is_money(match, 1, folded, about_prices, value):
            continue
        if match["most"]:
            highest = value if highest is None else min(highest, value)
        else:
            lowest = value if lowest is None else max(lowest, value)
        cuts.append(match.span())
    if lowest is not None and highest is not None and lowest > highest:
        lowest, highest = highest, lowest
    return Wanted(_without(text, folded, cuts), lowest, highest)


def _is_range(match: re.Match[str], folded: str, about_prices: bool, value: float) -> bool:
    explicit = any(match[name] for name in ("cur1", "cur2", "unit1", "unit2"))
    if match["open"].lower() in ("de", "from") and not (explicit or about_prices):
        return False  # "de 2 a 4 anos", "from 8 to 12"
    if match["link"] in ("e", "and") and match["open"].lower() in ("de", "from"):
        return False
    return explicit or _is_money(match, 2, folded, about_prices, value)


def _is_money(match: re.Match[str], n: int, folded: str, about_prices: bool, value: float) -> bool:
    if match[f"cur{n}"] or match[f"unit{n}"]:
        return True
    if _OTHER_UNIT.match(folded, match.end()):
        return False
    return bool(match[f"mil{n}"]) or about_prices or value >= _SMALL


def _value(match: re.Match[str], n: int, words: dict[str, float]) -> float:
    if spoken := match[f"word{n}"]:
        value = words[re.sub(r"\s+", " ", spoken)]
        return value * 1000 if match[f"mil{n}"] else value
    digits = match[f"num{n}"].replace(" ", "")
    last = max(digits.rfind("."), digits.rfind(","))
    thousand = match[f"mil{n}"] is not None
    decimals = len(digits) - last - 1
    if last >= 0 and (decimals != 3 or thousand):
        number = float(re.sub(r"[.,]", "", digits[:last]) + "." + digits[last + 1 :])
    else:
        number = float(re.sub(r"[.,]", "", digits))
    return number * 1000 if thousand else number


def _without(text: str, folded: str, cuts: list[tuple[int, int]]) -> str:
    kept, position = [], 0
    for start, end in sorted(cuts):
        lead = _LEFT_OVER.search(folded, position, start)
        kept.append(text[position : lead.start() if lead else start])
        position = end
    kept.append(text[position:])
    joined = re.sub(r"\s+", " ", " ".join(kept))
    return re.sub(r"\s+([?!.,;:])", r"\1", joined).strip(" ,;-")


def _fold(text: str) -> str:
    """`text` lower-cased without accents, each character still at its own place."""
    folded = []
    for character in text:
        plain = unicodedata.normalize("NFD", character.lower())[:1]
        folded.append(plain if plain and not plain.isspace() else (plain and " ") or character)
    return "".join(folded)
