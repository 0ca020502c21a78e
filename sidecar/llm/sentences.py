"""The sidecar's own sentences to customers, by gettext: English at source, `.po` files beside."""

import gettext
import io
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

_LOCALES = Path(__file__).parent.parent / "locale"


@lru_cache(maxsize=32)
def translations(language: str) -> gettext.NullTranslations:
    """Translations for an Odoo language code (`pt_BR`); English where there are none.

    A language without its exact catalog takes one of the same language (`pt_PT` → `pt_BR`).
    """
    exact = _LOCALES / language / "LC_MESSAGES" / "sidecar.po"
    near = sorted(_LOCALES.glob(f"{language.split('_')[0]}*/LC_MESSAGES/sidecar.po"))
    for path in (exact, *near):
        if path.exists():
            with path.open("rb") as file:
                catalog = read_po(file, locale=path.parent.parent.name)
            compiled = io.BytesIO()
            write_mo(compiled, catalog)
            compiled.seek(0)
            return gettext.GNUTranslations(compiled)
    return gettext.NullTranslations()


def money(amount: float, currency: str, language: str) -> str:
    """`amount` as people of that language write it: `R$ 2.790,00`."""
    return format_currency(amount, currency, locale=language).replace("\xa0", " ")


def number(value: float, language: str) -> str:
    """`value` as people of that language write it."""
    return format_decimal(value, locale=language)
