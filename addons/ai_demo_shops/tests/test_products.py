from odoo.tests import tagged

from .. import catalog
from .common import DemoShopsCase


@tagged("post_install", "-at_install")
class TestProducts(DemoShopsCase):
    def test_each_shop_has_a_catalog_worth_searching(self):
        for key in self.shops:
            templates = self.templates(key)
            self.assertGreaterEqual(len(templates), 40)
            self.assertGreaterEqual(len(templates.filtered(lambda t: t.type == "service")), 4)
            goods = templates.filtered("is_storable")
            self.assertGreaterEqual(len(goods.filtered(lambda t: t.qty_available <= 0)), 4)
            self.assertTrue(templates.filtered(lambda t: t.type == "consu" and not t.is_storable))
            self.assertEqual(len(templates.filtered(lambda t: not t.categ_id)), 1)
            self.assertGreaterEqual(
                len(templates.filtered(lambda t: t.product_variant_count > 1)), 10
            )
            self.assertTrue(
                templates.filtered(
                    lambda t: (
                        "<b>" in (t.description_sale or "")
                        or "<strong>" in (t.description_sale or "")
                    )
                )
            )
            bare = templates.filtered(lambda t: not (t.description_sale or t.image_1920))
            self.assertEqual(len(bare), 1)
            self.assertFalse(bare.default_code or bare.barcode or bare.product_tag_ids)

    def test_variants_have_their_codes_barcodes_prices_and_stock(self):
        for key, shop in self.shops.items():
            company, sold = self.ref(f"{key}_company"), self.sold(shop)
            for data in shop["product"]:
                extras = {
                    value: extra
                    for line in data["attributes"]
                    for value, extra in line.get("extra", {}).items()
                }
                for variant_data in data["variants"]:
                    name = catalog.variant_name(data["key"], variant_data["values"])
                    variant = self.ref(f"{key}_variant_{name}")
                    variant = variant.with_context(allowed_company_ids=company.ids)
                    self.assertEqual(variant.default_code or None, variant_data.get("code"))
                    self.assertEqual(variant.barcode or None, variant_data.get("barcode"))
                    price = data["price"] + sum(extras.get(v, 0) for v in variant_data["values"])
                    self.assertAlmostEqual(variant.lst_price, price, 2, name)
                    if variant.is_storable:
                        free = variant_data.get("stock", 0) - sold.get(name, 0)
                        self.assertEqual(variant.free_qty, free, name)

    def test_the_variants_in_the_file_are_all_there_are(self):
        for key, shop in self.shops.items():
            declared = sum(len(product["variants"]) for product in shop["product"])
            self.assertEqual(len(self.templates(key).product_variant_ids), declared)

    def test_stock_of_one_shop_is_not_in_the_other(self):
        for key, other in (("casa_ipe", "luma"), ("luma", "casa_ipe")):
            quants = self.env["stock.quant"].search(
                [
                    ("product_tmpl_id", "in", self.templates(key).ids),
                    ("company_id", "=", self.ref(f"{other}_company").id),
                ]
            )
            self.assertFalse(quants)

    def test_prices_are_in_the_currency_of_the_shop(self):
        for key, shop in self.shops.items():
            self.assertEqual(self.templates(key).currency_id.name, shop["company"]["currency"], key)

    def test_the_furniture_shop_can_answer_for_three_seat_sofas(self):
        sofas = (
            self.templates("casa_ipe")
            .with_context(lang="pt_BR")
            .filtered(lambda t: "3 Lugares" in t.name and t.is_storable)
        )
        cheap = sofas.filtered(lambda t: t.list_price <= 3000)
        dear = sofas - cheap
        for group in (cheap, dear):
            self.assertTrue(group.filtered(lambda t: t.qty_available > 0))
            self.assertTrue(group.filtered(lambda t: t.qty_available == 0))
        self.assertGreaterEqual(len(cheap.filtered(lambda t: t.qty_available > 0)), 2)

    def test_every_text_of_the_furniture_shop_is_portuguese_in_pt_br(self):
        shop = self.shops["casa_ipe"]
        for data in shop["product"]:
            template = self.ref(f"casa_ipe_product_{data['key']}")
            portuguese = template.with_context(lang="pt_BR")
            self.assertEqual(portuguese.name, data["name"])
            self.assertEqual(portuguese.description_sale or "", data.get("text", "").strip())
            english = template.with_context(lang="en_US")
            self.assertEqual(english.name, data["name_en"])
            self.assertEqual(english.description_sale or "", data.get("text_en", "").strip())
        for attribute in shop["attribute"]:
            record = self.ref(f"casa_ipe_attribute_{attribute['key']}")
            self.assertEqual(record.with_context(lang="pt_BR").name, attribute["name"])
            for value in attribute["value"]:
                record = self.ref(f"casa_ipe_value_{attribute['key']}_{value['key']}")
                self.assertEqual(record.with_context(lang="pt_BR").name, value["name"])
        for tag in shop["tag"]:
            record = self.ref(f"casa_ipe_tag_{tag['key']}")
            self.assertEqual(record.with_context(lang="pt_BR").name, tag["name"])
