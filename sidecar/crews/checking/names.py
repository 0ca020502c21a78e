"""Names, codes and addresses of an answer: products, coupons, links, phone numbers, e-mails."""

import re
from collections.abc import Iterator

from sidecar.claims.text import fold, sentences
from sidecar.crews.checking.amounts import negated
from sidecar.crews.checking.known import Known

_LINK = re.compile(
    r"(?i)\b(?:https?://|www\.)[^\s<>()\"']+"
    r"|(?<![@\w.])(?:[a-z0-9-]+\.)+(?:com|net|org|br|io|shop|store|app|es|mx|ar|co|link|me|ly)\b"
    r"(?:/[^\s<>()\"']*)?"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(
    r"(?<![\w/.,-])(?:\+?\d{1,3}[\s-])?\(?\d{2,4}\)?[\s-]?\d{3,5}[\s-]\d{4}(?!\d)"
    r"|\+\d{10,14}\b|(?<![\w.,/-])\d{10,13}(?![\w.,/])"
)
_COUPON = re.compile(
    r"\b(?:cupom|cupon|coupon|codigo|code|voucher)\b(?: promocional| de desconto)?[\s:*\"“'`]*"
    r"([A-Z][A-Z0-9_-]{2,24}|[a-z]+\d{1,4})\b"
)
_SHOUTED = re.compile(r"\b(?=[A-Z0-9]*[A-Z])(?=[A-Z0-9]*\d)[A-Z][A-Z0-9]{3,19}\b")
_BOLD = re.compile(r"\*\*?([^*\n]{2,80})\*\*?")
_CAPITAL = re.compile(r"(?<![\w.@/-])[A-ZÀ-Ý][\w'’-]*")
_WORD = re.compile(r"[^\W_]+")


def _words(lines: str) -> frozenset[str]:
    return frozenset(lines.split())


# capitalized by habit, whatever the shop: means of payment, documents, places, forms of address
_COMMON = _words(
    """
    pix whatsapp sms cep cpf cnpj rg nf ok brasil brazil sr sra srta senhor senhora dr dra mr mrs ms
    visa mastercard elo amex boleto iva usd brl eur i i'm i'll i've i'd it's ai ia faq rio sao paulo
    mondays tuesdays wednesdays thursdays fridays saturdays sundays
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december english portuguese spanish portugues espanol
    natal christmas navidad ano novo black voce usted internet google maps instagram facebook
    """
)


def problems(text: str, known: Known) -> Iterator[str]:
    """Names and addresses of `text` that nothing says, as they are written."""
    text, found = _addresses(text, known)
    yield from found
    yield from _coupons(text, known)
    for part in sentences(text):
        yield from _unknown_names(part, known)


def _addresses(text: str, known: Known) -> tuple[str, list[str]]:
    """The text without links, e-mails and numbers to call; those of them that nothing says."""
    found = []
    told = "\n".join((*known.texts, *known.said))
    links = {link.rstrip(".,;:!?").lower() for link in _LINK.findall(told)}
    for match in _EMAIL.finditer(text):
        if match.group().lower().rstrip(".") not in told.lower():
            found.append(match.group())
    text = _EMAIL.sub(" ", text)
    for match in _LINK.finditer(text):
        if match.group().rstrip(".,;:!?").lower() not in links:
            found.append(match.group())
    text = _LINK.sub(" ", text)
    digits = [re.sub(r"\D", "", number) for number in _PHONE.findall(told)]
    for match in _PHONE.finditer(text):
        asked = re.sub(r"\D", "", match.group())
        if not any(number.endswith(asked) or asked.endswith(number) for number in digits):
            found.append(match.group())
    return _PHONE.sub(" ", text), found


def without_addresses(text: str) -> str:
    """The text with links, e-mails and phone numbers blanked: their digits are no figures."""
    for pattern in (_EMAIL, _LINK, _PHONE):
        text = pattern.sub(" ", text)
    return text


def _coupons(text: str, known: Known) -> Iterator[str]:
    named = {match.group(1) for match in _COUPON.finditer(fold_keeping_case(text))}
    named |= set(_SHOUTED.findall(text))
    for coupon in sorted(named):
        folded = fold(coupon)
        if folded in known.blob:
            continue
        if folded not in known.said_blob or not _declined(text, coupon, known):
            yield coupon


def fold_keeping_case(text: str) -> str:
    """Without accents; the words that announce a coupon in small letters."""
    plain = "".join(c if len(f := fold(c)) != 1 or c.isupper() else f for c in text)
    return re.sub(
        r"\b(?:Cupom|Cupon|Coupon|Codigo|Code|Voucher|CUPOM|COUPON|CODE)\b",
        lambda match: match.group().lower(),
        plain,
    )


def _declined(text: str, words: str, known: Known) -> bool:
    """Whether the sentence with these words says no."""
    return any(
        words in part and ("?" in part or negated(fold(part), known.language))
        for part in sentences(text)
    )


def _unknown_names(part: str, known: Known) -> Iterator[str]:
    """Capitalized words within a sentence, and bold ones, that were neither read nor said."""
    marks = {match.start(1) for match in _BOLD.finditer(part)}
    bare = re.sub(r"[*_]", " ", part)
    start_of = len(bare) - len(bare.lstrip("•–-> \t\"“'¡¿0123456789.)"))
    for match in _CAPITAL.finditer(bare):
        word = fold(match.group()).replace("’", "'")
        if word in _COMMON or _is_known(word, known):
            continue
        first = match.start() <= start_of or bare[: match.start()].rstrip()[-1:] in (
            "",
            ":",
            "!",
            "?",
            ".",
            "…",
            "¡",
            "¿",
            '"',
            "“",
            "(",
        )
        behind = _CAPITAL.match(bare, match.end() + 1)
        if (
            first
            and match.start() not in marks
            and not (behind and not _is_known(fold(behind.group()), known))
        ):
            continue
        yield match.group()
    for match in _BOLD.finditer(part):
        words = [w for w in _WORD.findall(fold(match.group(1))) if len(w) > 3 and not w.isdigit()]
        named = match.group(1)[:1].isupper() and not match.group(1).rstrip().endswith(
            (":", ".", "!", "?")
        )
        strange = [word for word in words if not _is_known(word, known) and word not in _COMMON]
        if named and words and len(strange) * 2 > len(words) and len(words) > 1:
            yield match.group(1)


def _is_known(word: str, known: Known) -> bool:
    if word in known.words or word in _COMMON:
        return True
    return all(part in known.words or part in _COMMON for part in _WORD.findall(word))
