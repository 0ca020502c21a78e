"""Texts compared without case and accents."""

import unicodedata


def folded(text: str) -> str:
    """Lower case, without accents, single spaces."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in parts if not unicodedata.combining(c)).split())
