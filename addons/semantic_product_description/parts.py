"""The parts of a product text: their names, shapes and limits. Plain Python without Odoo.

The limits of the search engine's title and description are those that docs/studio.md names.
"""

TEXT, HTML, LINES = "text", "html", "lines"

# In the order in which people read and decide them.
KINDS = {
    "short_description": TEXT,
    "description": HTML,
    "key_features": LINES,
    "use_cases": LINES,
    "tags": LINES,
    "seo_title": TEXT,
    "meta_description": TEXT,
    "image_alt": TEXT,
}
PARTS = tuple(KINDS)
LISTS = tuple(name for name, kind in KINDS.items() if kind == LINES)
LIMITS = {"seo_title": 60, "meta_description": 155, "image_alt": 125}  # characters

CLAIM_KINDS = (
    "number",
    "size",
    "material",
    "certification",
    "compatibility",
    "warranty",
    "other",
)


def lines_of(text):
    """Return the non-empty lines of a text with one item per line."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
