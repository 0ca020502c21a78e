"""A bulk run outlives every process: each text once, each cost once."""

import xmlrpc.client
from typing import Any

from tests.e2e.conftest import Odoo, Processes, until

PRODUCTS = 60
VICTIMS = ("worker", "web", "redis", "odoo", "odoo-rpc")


def test_kill_9_of_each_process_during_a_run(odoo: Odoo, processes: Processes, llm: Any) -> None:
    company = odoo.read("ai.tenant", odoo.tenant("account_1"), "company_id")["company_id"][0]
    context = {"allowed_company_ids": [company], "lang": "pt_BR"}
    values = [
        {
            "name": f"Banqueta de teste {number:03}",
            "company_id": company,
            "description_sale": f"Banqueta de madeira, {40 + number} cm.",
        }
        for number in range(PRODUCTS)
    ]
    products = odoo.call("product.template", "create", values, context=context)
    llm("delay", seconds=3)  # the run is under way until the last process was killed
    run = odoo.call("ai.product.run", "create", {"product_ids": products}, context=context)
    odoo.call("ai.product.run", "action_start", [run], context=context)

    def progress() -> dict[str, Any]:
        try:
            return odoo.call("ai.product.run", "run_progress", [run], context=context)
        except (OSError, xmlrpc.client.Error):  # Odoo is among the victims
            return {}

    until(lambda: progress().get("sent"))
    for victim in VICTIMS:
        assert until(progress, 60)["state"] == "running"
        processes.kill(victim)
    llm("delay", seconds=0)
    until(lambda: progress().get("state") == "done", 240)
    assert progress()["done"] == PRODUCTS
    texts = odoo.call(
        "product.ai.description",
        "search_read",
        [["product_tmpl_id", "in", products]],
        ["product_tmpl_id", "cost", "version"],
    )
    assert sorted(text["product_tmpl_id"][0] for text in texts) == sorted(products)
    paid = sum(text["cost"] for text in texts)
    assert paid > 0
    assert abs(odoo.read("ai.product.run", run, "cost")["cost"] - paid) < 1e-4
