"""What each reading tool tells, over a real socket to Odoo's façade."""

import math
from typing import Any

import pytest

from sidecar.data_proxy.evidence import unsupported_figures
from tests.business_rules import fact
from tests.doubles.odoo import OdooDouble
from tests.facts import product_facts
from tests.tools_house import ToolsHouse, call


def test_search_tells_price_and_stock(house: ToolsHouse) -> None:
    told = call(house.turn(), "product_search", query="sofá", limit=2)
    first, second = told["products"]
    assert first["price"] == {"value": 2790.0, "text": "R$ 2.790,00"}
    assert (first["stock"], first["available"], second["id"]) == (4.0, True, 6)


def test_search_shows_only_what_can_be_had_when_asked(house: ToolsHouse) -> None:
    found = call(house.turn(), "product_search", query="mesa", in_stock=True)["products"]
    assert 8 not in [product["id"] for product in found]


def test_one_product_with_what_is_known(house: ToolsHouse, odoo: OdooDouble) -> None:
    odoo.details[5] = {"dimensions": "220 x 90 x 80 cm", "warranty": "12 meses"}
    told = call(house.turn(), "product_metadata", product_id=5)
    assert told["attributes"] == {"Cor": "Azul, Cinza"}
    assert told["dimensions"] == "220 x 90 x 80 cm"
    assert told["warranty"] == "12 meses"
    assert "linho" in told["text"]
    assert not {"cost", "standard_price", "write_date"} & set(told)


def test_html_in_a_shops_text_is_taken_out(house: ToolsHouse, odoo: OdooDouble) -> None:
    odoo.products[0]["sale_text"] = "<h3>Novo!</h3><p>45 &amp; 50 cm, a < b</p>"
    told = call(house.turn(), "product_metadata", product_id=5)
    assert told["text"] == "Novo! 45 & 50 cm, a < b"
    told = call(house.job(), "content_generation", product_id=5)
    assert "<" not in told["text"].replace("a < b", "")


def test_a_shop_without_details_still_tells_the_product(
    house: ToolsHouse, odoo: OdooDouble
) -> None:
    odoo.missing = {"product_details"}
    assert call(house.turn(), "product_metadata", product_id=5)["name"] == "Sofá Jacarandá"


def test_variants_are_chosen_by_attribute(house: ToolsHouse, odoo: OdooDouble) -> None:
    variant = {"barcode": "", "default_code": "", "price": 2790.0}
    odoo.details[5] = {
        "variants": [
            {**variant, "id": 9, "name": "Azul", "attributes": {"Cor": "Azul"}, "available": 1.0},
            {
                **variant,
                "id": 10,
                "name": "Cinza",
                "attributes": {"Cor": "Cinza"},
                "available": 3.0,
            },
        ]
    }
    told = call(house.turn(), "product_variants", product_id=5, attributes={"cor": "CINZA"})
    assert [(row["id"], row["available"]) for row in told["variants"]] == [(10, 3.0)]
    assert len(call(house.turn(), "product_variants", product_id=5)["variants"]) == 2


def test_price_and_stock_of_a_variant_are_those_of_now(house: ToolsHouse, odoo: OdooDouble) -> None:
    def variant(number: int, price: float, available: float) -> dict[str, Any]:
        return {
            "id": number, "name": f"Cor {number}", "default_code": "", "barcode": "",
            "price": price, "available": available,
        }  # fmt: skip

    odoo.details[5] = {"variants": [{**variant(n, 100.0, 9.0), "attributes": {}} for n in (9, 10)]}
    odoo.products[0]["variants"] = [variant(9, 90.0, 1.0)]  # 10 was taken out meanwhile
    told = call(house.turn(), "product_variants", product_id=5)["variants"]
    assert [(v["id"], v["price"]["value"], v["available"]) for v in told] == [(9, 90.0, 1.0)]


def test_products_beside_each_other(house: ToolsHouse, odoo: OdooDouble) -> None:
    odoo.details[6] = {"warranty": "6 meses"}
    told = call(house.turn(), "product_compare", product_ids=[5, 6])
    rows = {row["attribute"]: row["values"] for row in told["rows"]}
    assert rows["warranty"] == ["", "6 meses"]
    assert rows["Cor"] == ["Azul, Cinza", "Azul, Cinza"]
    assert [product["name"] for product in told["products"]] == ["Sofá Jacarandá", "Poltrona Ipê"]
    assert [name for name, _ in odoo.calls].count("product_facts") == 1
    assert call(house.turn(), "product_compare", product_ids=[5])["code"] == "invalid_arguments"
    assert call(house.turn(), "product_compare", product_ids=[5, 77])["code"] == "not_found"


def test_alternatives_are_the_shops_own_first(house: ToolsHouse, odoo: OdooDouble) -> None:
    odoo.details[8] = {"alternatives": [6, 8, 999]}
    told = call(house.turn(), "product_alternatives", product_id=8)
    assert [product["id"] for product in told["products"]] == [6, 5]


def test_stock_by_warehouse_and_what_is_to_come(house: ToolsHouse, odoo: OdooDouble) -> None:
    odoo.stock[8] = {"next_arrival": {"date": "2026-12-03", "quantity": 12.0}}
    odoo.products.append(product_facts(id=20, is_storable=False))
    told = call(house.turn(), "stock_levels", product_ids=[5, 8, 20])["products"]
    assert told[0]["free"] == 4.0
    assert told[0]["warehouses"] == [{"name": "Central", "free": 4.0}]
    assert told[1]["next_arrival"] == {"date": "2026-12-03", "quantity": 12.0}
    assert (told[2]["counted"], "free" in told[2]) == (False, False)


def test_a_purchase_with_pix_and_installments(house: ToolsHouse) -> None:
    context = house.turn()
    lines = [{"product_id": 5, "quantity": 2}, {"product_id": 6}]
    told = call(context, "price_calculator", lines=lines)
    assert told["total"] == {"value": 6570.0, "text": "R$ 6.570,00"}
    assert told["pix_total"]["text"] == "R$ 6.241,50"
    assert told["interest_free"][-1] == {
        "count": 10,
        "each": {"value": 657.0, "text": "R$ 657,00"},
    }
    assert told["say"][1] == "No PIX: R$ 6.241,50 (5% de desconto)."
    said = " ".join(told["say"])
    assert unsupported_figures(said, context.proxy.evidence, []) == []
    assert unsupported_figures("Sai por R$ 6.000,00", context.proxy.evidence, []) == ["6.000,00"]


def test_a_customers_own_price_list_counts(house: ToolsHouse, odoo: OdooDouble) -> None:
    odoo.partners[0]["discount"] = 10
    told = call(house.turn(), "price_calculator", lines=[{"product_id": 5}])
    assert told["total"]["value"] == 2511.0
    assert told["lines"][0]["regular_price"]["value"] == 2790.0
    stranger = house.turn(conversation="7-2", phone="")
    assert call(stranger, "price_calculator", lines=[{"product_id": 5}])["total"]["value"] == 2790.0


def promoted(odoo: OdooDouble, offer: float, wanted: str = "") -> None:
    row = {"id": 5, "price": 2790.0, "offer": offer, "saved": 2790.0 - offer, "rule_id": 3}
    rows = [{**row, "coupon": wanted, "minimum": 0.0}]

    def prices(product_ids: list[int], coupon: str = "", purchase: Any = None) -> Any:
        return rows if coupon == wanted else []

    odoo._promotion_prices = prices  # type: ignore[method-assign]


def test_a_promotion_makes_it_cheaper(house: ToolsHouse, odoo: OdooDouble) -> None:
    promoted(odoo, 2511.0)
    told = call(house.turn(), "price_calculator", lines=[{"product_id": 5, "quantity": 3}])
    assert told["total"]["value"] == 7533.0
    assert told["lines"][0]["promotion"] is True


def test_a_promotion_never_makes_it_dearer(house: ToolsHouse, odoo: OdooDouble) -> None:
    promoted(odoo, 2511.0)
    odoo.partners[0]["discount"] = 20
    told = call(house.turn(), "price_calculator", lines=[{"product_id": 5}])
    assert told["total"]["value"] == 2232.0
    assert "promotion" not in told["lines"][0]


def test_a_coupon_holds_or_not(house: ToolsHouse, odoo: OdooDouble) -> None:
    promoted(odoo, 2500.0, "SOFA10")
    lines = [{"product_id": 5}]
    held = call(house.turn(), "price_calculator", lines=lines, coupon="SOFA10")
    assert (held["total"]["value"], held["coupon_holds"]) == (2500.0, True)
    wrong = call(house.turn(), "price_calculator", lines=lines, coupon="SOFA99")
    assert (wrong["total"]["value"], wrong["coupon_holds"]) == (2790.0, False)


def test_taxes_on_top_are_told_apart(house: ToolsHouse, odoo: OdooDouble) -> None:
    quote = odoo._quote

    def with_tax(line: Any, discount: float) -> Any:
        told = quote(line, discount)
        tax = round(told["total"] * 0.1, 2)
        return {**told, "tax_included": False, "tax": tax, "total": round(told["total"] + tax, 2)}

    odoo._quote = with_tax  # type: ignore[method-assign]
    told = call(house.turn(), "price_calculator", lines=[{"product_id": 5}])
    assert [told[key]["value"] for key in ("subtotal", "tax", "total")] == [2790.0, 279.0, 3069.0]
    promoted(odoo, 2000.0)
    told = call(house.turn(), "price_calculator", lines=[{"product_id": 5}])
    assert [told[key]["value"] for key in ("subtotal", "tax", "total")] == [2000.0, 200.0, 2200.0]


def test_an_order_is_told_to_its_customer(house: ToolsHouse) -> None:
    told = call(house.turn(), "order_status", order="s00071")["orders"]
    assert [row["order"] for row in told] == ["S00071"]
    assert told[0]["date"] == "sexta-feira, 20/11/2026, 11:00"
    delivery = told[0]["deliveries"][0]
    assert delivery["scheduled"] == "sexta-feira, 27/11/2026, 09:00"
    assert (delivery["carrier"], delivery["tracking"]) == ("Rápido", "BR123")


def test_deliveries_of_confirmed_orders(house: ToolsHouse) -> None:
    told = call(house.turn(), "delivery_status")["orders"]
    assert [row["order"] for row in told] == ["S00071"]


def test_links_and_invoices(house: ToolsHouse) -> None:
    link = call(house.turn(), "quotation_link", order="S00072")
    assert link["url"].startswith("https://shop.example/my/orders/")
    invoices = call(house.turn(), "invoice_status")["invoices"]
    assert [(row["invoice"], row["open"]["value"]) for row in invoices] == [
        ("INV/2026/00091", 1395.0)
    ]
    assert invoices[0]["due"] == "domingo, 20/12/2026"
    paid = call(house.turn(), "payment_link", invoice="INV/2026/00091")
    assert paid["url"].startswith("https://shop.example/payment/pay?invoice_id=91")
    assert call(house.turn(), "payment_link")["code"] == "invalid_arguments"


def test_free_times_on_the_shops_clock(house: ToolsHouse) -> None:
    told = call(house.turn(), "calendar_slots")
    assert told["service"]["ask"] == ["Endereço", "Telefone"]
    assert told["days"] == [
        {
            "day": "sexta-feira, 27/11/2026",
            "slots": [
                {"start": f"2026-11-27T{hour}:00", "time": f"{hour}:00"}
                for hour in ("09", "10", "11")
            ],
        }
    ]


def test_several_services_are_listed_first(house: ToolsHouse, odoo: OdooDouble) -> None:
    assert odoo.rules is not None
    other = fact(
        kind="scheduling", id=9, title="Medição", structure={"scheduling": {"duration": 30}}
    )
    odoo.rules.append(other)
    told = call(house.turn(), "calendar_slots")
    assert [row["name"] for row in told["services"]] == ["Montagem", "Medição"]
    assert call(house.turn(), "calendar_slots", service="montagem")["days"]
    wrong = call(house.turn(), "calendar_slots", service="corte de cabelo")
    assert wrong["error"] == "Name one service of these: Montagem; Medição."


def test_own_bookings_and_nobody_elses(house: ToolsHouse) -> None:
    told = call(house.turn(), "calendar_bookings")["bookings"]
    assert [(row["booking_id"], row["start"]) for row in told] == [
        (61, "segunda-feira, 30/11/2026, 10:00")
    ]


def test_rules_in_force_by_what_they_are_about(house: ToolsHouse) -> None:
    every = call(house.turn(), "rules_in_force")["rules"]
    assert {rule["kind"] for rule in every} == {"payment", "return"}
    told = call(house.turn(), "rules_in_force", about="PAYMENT")["rules"]
    assert [rule["title"] for rule in told] == ["Pagamento"]


def test_a_promotion_is_told_until_its_last_minute(house: ToolsHouse, odoo: OdooDouble) -> None:
    assert odoo.rules is not None
    odoo.clock = lambda: house.now
    ends = "2026-12-04T03:00:00Z"  # midnight in São Paulo: the first moment outside
    odoo.rules.append(fact(id=9, group="temporary", subkind="promotion", valid_to=ends))
    told = call(house.turn(), "rules_in_force", about="promotion")["rules"]
    assert told[0]["until"] == "quinta-feira, 03/12/2026, 23:59"


def test_the_company_and_its_hours(house: ToolsHouse, odoo: OdooDouble) -> None:
    told = call(house.turn(), "company_info", day="sábado")
    assert told["name"] == "Casa Ipê"
    assert told["hours"] == ["Sábado, 28/11: aberto 09:00–14:00."]
    assert told["open_now"] is False  # the clock: 12:01, at lunch
    assert told["address"] == "Rua dos Pinheiros, 100"
    odoo.profile["address"] = ""
    assert "address" not in call(house.turn(conversation="7-9"), "company_info")


def test_records_for_the_shops_own_people(house: ToolsHouse) -> None:
    told = call(
        house.key(),
        "record_search",
        model="sale.order",
        conditions=[{"field": "state", "value": "sale"}],
        fields=["name", "amount_total"],
    )
    assert [row["name"] for row in told["rows"]] == ["S00071", "S00081"]
    assert list(told["rows"][0]) == ["id", "name", "amount_total"]
    default = call(house.key(), "record_search", model="sale.order", limit=1)
    assert list(default["rows"][0]) == ["id", "name", "state", "amount_total"]
    read = call(house.key(), "record_read", model="sale.order", ids=[81], fields=["name"])
    assert read["rows"] == [{"id": 81, "name": "S00081"}]
    grouped = call(
        house.key(),
        "record_group",
        model="sale.order",
        groupby=["state"],
        aggregates=["amount_total:sum"],
    )
    assert grouped["rows"] == [{"state": "sale", "amount_total:sum": 2800.0}]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"model": "res.users"}, "sale.order"),
        ({"model": "sale.order", "fields": ["margin"]}, "amount_total"),
        ({"model": "sale.order", "conditions": [{"field": "x", "value": 1}]}, "amount_total"),
        ({"model": "sale.order", "order": "name desc; drop table"}, "field, then asc or desc"),
        ({"model": "sale.order", "order": "partner_id.name"}, "amount_total"),
    ],
)
def test_what_may_not_be_read_is_answered_with_what_may(
    house: ToolsHouse, arguments: dict, says: str
) -> None:
    told = call(house.key(), "record_search", **arguments)
    assert told["code"] == "invalid_arguments"
    assert says in told["error"]


def test_texts_of_facts_without_a_model(house: ToolsHouse) -> None:
    title = call(house.job(), "content_generation", product_id=5, kind="title")
    assert (title["text"], title["writer"]) == ("Sofá Jacarandá", "extractive")
    post = call(house.job(), "content_generation", product_id=5, kind="post")["text"]
    assert "R$ 2.790,00" in post
    assert "Cor: Azul, Cinza" in post


class Gateway:
    """A model that always says the same."""

    model = "said"

    def __init__(self, text: str):
        self.text = text

    def complete(self, messages: Any, budget: Any) -> Any:
        return type("Message", (), {"content": self.text})


def test_a_model_that_invents_is_not_believed(house: ToolsHouse) -> None:
    honest = Gateway("Sofá em linho de 220 x 90 cm.")
    told = call(house.job(gateway=honest), "content_generation", product_id=5)
    assert (told["text"], told["writer"]) == (honest.text, "llm")
    inventing = Gateway("Sofá com 25 anos de garantia.")
    told = call(house.job(gateway=inventing), "content_generation", product_id=5)
    assert told["writer"] == "extractive"
    assert "25" not in told["text"]


def test_pictures_that_buyers_look_for(house: ToolsHouse, odoo: OdooDouble) -> None:
    told = call(house.job(), "image_suggestion", product_id=5)
    names = [shot["name"] for shot in told["missing"]]
    assert names[0] == "foto principal"
    assert "no ambiente" in names
    assert told["missing"][-1]["why"] == "uma foto para cada: Azul, Cinza"
    odoo.products[0]["image_url"] = "https://shop.example/web/image/5"
    told = call(house.job(), "image_suggestion", product_id=5)
    assert told["has"] == ["foto principal"]
    assert "foto principal" not in [shot["name"] for shot in told["missing"]]


@pytest.mark.parametrize("value", [math.nan, math.inf, 10**400, "x" * 201, "\ud800", [math.nan]])
def test_a_value_that_no_field_has_is_named_before_the_shop_is_asked(
    house: ToolsHouse, odoo: OdooDouble, value: Any
) -> None:
    for given in (value, value if isinstance(value, list) else [value]):
        asked = [{"field": "amount_total", "operator": "=", "value": given}]
        told = call(house.key(), "record_search", model="sale.order", conditions=asked)
        assert told["code"] == "invalid_arguments"
        assert "conditions.0.value" in told["error"]
    assert "search_records" not in [name for name, _ in odoo.calls]


@pytest.mark.parametrize("value", [2**40, True, 2790, 2790.0, "sale", "a\x00b", [71, "sale"]])
def test_values_of_fields_are_asked_for(house: ToolsHouse, value: Any) -> None:
    asked = [{"field": "amount_total", "operator": "=", "value": value}]
    assert "rows" in call(house.key(), "record_search", model="sale.order", conditions=asked)
