"""Which fields of which models the integration user may read: the ORM enforces it (see
`models/integration_fields.py`), and the façade's generic search, read and group obey it too.

Never in here: cost prices, margins, vendors, internal notes, bank accounts, tax numbers.
"""

ALWAYS = frozenset({"id", "display_name", "create_date", "write_date"})

PARTNER = frozenset(
    {
        "name",
        "complete_name",
        "active",
        "is_company",
        "parent_id",
        "commercial_partner_id",
        "company_id",
        "email",
        "email_normalized",
        "phone",
        "ai_phone_key",
        "lang",
        "type",
        "street",
        "street2",
        "zip",
        "city",
        "state_id",
        "country_id",
    }
)
PRODUCT = (
    "name",
    "default_code",
    "type",
    "categ_id",
    "list_price",
    "sale_ok",
    "is_storable",
    "description_sale",
    "weight",
    "volume",
    "uom_id",
    "create_date",
    "write_date",
)
CATEGORY = ("name", "complete_name", "parent_id")
CUSTOMER = (
    "name",
    "is_company",
    "email",
    "phone",
    "lang",
    "city",
    "state_id",
    "country_id",
    "create_date",
)
