"""From the click on *Generate Description* to the stored text, with an instant model."""

import time

from tests.bench.house import administrator, row, spread


def main() -> None:
    """Eight products, one after the other."""
    odoo = administrator()
    tenant = odoo.call(
        "ai.tenant", "search_read", [["account_id", "=", "account_1"]], ["company_id"]
    )[0]
    company = tenant["company_id"][0]
    context = {"allowed_company_ids": [company], "lang": "pt_BR"}
    products = odoo.call("product.template", "search", [["company_id", "=", company]], limit=8)
    taken = []
    for product in products:
        started = time.monotonic()
        odoo.call("product.template", "action_generate_description", [product], context=context)
        waiting = [["product_tmpl_id", "=", product]]
        while not odoo.call("product.ai.description", "search_count", waiting):
            if time.monotonic() - started > 30:
                raise SystemExit("bench: no description within 30 s")
            time.sleep(0.02)
        taken.append(time.monotonic() - started)
    row("description, click to text", spread(taken), "≤ 3 s")
