"""What makes two ways of writing a telephone number the same number.

Plain Python. A key is the number's digits in international form, without "+". Written without a
country code, a number belongs to the country whose dialing code is given.
"""

import re

SHORTEST, LONGEST = 8, 15  # digits with the country code; the longest is E.164's
BRAZIL = "55"
KEEPS_ZERO = ("39",)  # Italy's leading zero is part of the number
# Digits of a national number, area code included, where it tells "55 11 …" from a local number.
NATIONAL_LENGTHS = {"55": (10, 11), "1": (10,), "351": (9,)}


def key(text, dial_code=""):
    """Return the key of the number in `text`, or "" when there is none.

    dial_code: such as "55", "" when the country is not known; then only numbers in international
    form ("+" or "00") have a key. What follows a letter ("ext. 5") does not count.
    """
    written = re.split(r"[^\W\d_]", text or "", maxsplit=1)[0].strip()
    digits = re.sub(r"\D", "", written, flags=re.ASCII)
    if written.startswith("+"):
        number = digits
    elif digits.startswith("00"):
        number = digits[2:]
    elif not dial_code:
        return ""
    else:
        number = _international(digits, dial_code)
    number = _with_ninth_digit(number)
    return number if SHORTEST <= len(number) <= LONGEST else ""


def _international(digits, dial_code):
    lengths = NATIONAL_LENGTHS.get(dial_code, ())
    if digits.startswith(dial_code) and len(digits) - len(dial_code) in lengths:
        return digits
    national = digits if dial_code in KEEPS_ZERO else digits.lstrip("0")
    if lengths and len(national) not in lengths:
        return ""
    return dial_code + national


def _with_ninth_digit(number):
    """Return a Brazilian mobile number with the 9 that older ways of writing leave out.

    Anatel, Resolução 553/2010: mobile numbers, which had begun with 6 to 9, got a 9 in front.
    WhatsApp still names many of them without it.
    """
    if number.startswith(BRAZIL) and len(number) == 12 and number[4] in "6789":
        return f"{number[:4]}9{number[4:]}"
    return number
