"""Kinds of values in what an ERP sends: lenient about how they are written, strict about what."""

import math
import re
from datetime import UTC, date, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINES = re.compile("[\x00-\x1f\x7f\u2028\u2029]")
_LARGEST = 1e12
_TRUE, _FALSE = frozenset({"true", "1", "yes", "y"}), frozenset({"false", "0", "no", "n"})
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")
_PUNCTUATION = re.compile(r"[\s().\-/]")
_EMAIL = re.compile(r"[^@\s\x00-\x1f<>,;]{1,64}@[^@\s\x00-\x1f<>,;]{1,190}")
_BRAZILIAN_MOBILE = re.compile(r"\+55([1-9][0-9])9([6-9][0-9]{7})")


def _text(value: Any) -> Any:
    """Whole numbers serve as text (codes, numbers of orders)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else value


def _storable(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("has characters that cannot be stored")
    return value


def _one_line(value: str) -> str:
    if _LINES.search(_storable(value)):
        raise ValueError("must be one line of text")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("must be a number")
    try:
        found = float(value)
    except (ValueError, OverflowError):
        raise ValueError("must be a number, with a decimal point") from None
    if not math.isfinite(found) or abs(found) > _LARGEST:
        raise ValueError("is too large for a number")
    return found


def _truth(value: Any) -> Any:
    word = str(value).strip().lower() if isinstance(value, str | int) else None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    return value


def _instant(value: Any, info: ValidationInfo) -> str:
    """In UTC with Z. Without an offset it is on the tenant's clock."""
    problem = "must be a time such as 2026-11-25T14:30:00Z"
    if not isinstance(value, str):
        raise ValueError(problem)
    try:
        moment = datetime.fromisoformat(value.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo((info.context or {}).get("zone", "UTC")))
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        raise ValueError(problem) from None


def _day(value: Any) -> str:
    try:
        return date.fromisoformat(str(value).strip()[:10]).isoformat()
    except ValueError:
        raise ValueError("must be a date such as 2026-11-25") from None


def _link(value: str) -> str:
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if value and (not good or "@" in parts.netloc or re.search(r"\s", value)):
        raise ValueError("must be an http(s) address")
    return value


def _email(value: str) -> str:
    if value and not _EMAIL.fullmatch(value):
        raise ValueError("must be one e-mail address")
    return value.lower()


def _phone(value: str, info: ValidationInfo) -> str:
    """E.164; without a country code it is of the country that the tenant names."""
    digits = _PUNCTUATION.sub("", value)
    country = (info.context or {}).get("phone_country")
    if digits and not digits.startswith("+") and country:
        digits = f"+{country}{digits.lstrip('0')}"
    if digits and not _PHONE.fullmatch(digits):
        raise ValueError("must be a phone number with its country code (+5511900000001)")
    return digits


def dialed(phone: str) -> str:
    """One form for a number: WhatsApp leaves the ninth digit of many Brazilian mobiles out."""
    mobile = _BRAZILIAN_MOBILE.fullmatch(phone)
    return f"+55{mobile.group(1)}{mobile.group(2)}" if mobile else phone


def limited(most: int, least: int = 0) -> Any:
    """One line of text of at most `most` characters."""
    return Annotated[
        str,
        BeforeValidator(_text),
        Field(min_length=least, max_length=most),
        AfterValidator(_one_line),
    ]


OwnId = limited(128, 1)
Name = limited(300, 1)
Words = limited(300)
Prose = Annotated[str, BeforeValidator(_text), Field(max_length=20_000), AfterValidator(_storable)]
Number = Annotated[float, BeforeValidator(_number)]
Quantity = Annotated[float, BeforeValidator(_number), Field(ge=0)]
Truth = Annotated[bool, BeforeValidator(_truth)]
Instant = Annotated[str, BeforeValidator(_instant)]
Day = Annotated[str, BeforeValidator(_day)]
Link = Annotated[str, BeforeValidator(_text), Field(max_length=500), AfterValidator(_link)]
Email = Annotated[str, BeforeValidator(_text), Field(max_length=254), AfterValidator(_email)]
Phone = Annotated[str, BeforeValidator(_text), Field(max_length=40), AfterValidator(_phone)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
