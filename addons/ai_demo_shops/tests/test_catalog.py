from odoo.tests import BaseCase, tagged

from .. import catalog


@tagged("post_install", "-at_install")
class TestCatalog(BaseCase):
    def test_a_wrong_check_digit_is_seen(self):
        self.assertTrue(catalog.ean13_is_valid("4006381333931"))
        for barcode in ("4006381333932", "400638133393", "400638133393X", ""):
            self.assertFalse(catalog.ean13_is_valid(barcode))

    def test_barcodes_stay_out_of_the_ranges_of_real_products(self):
        """GS1 prefixes 200 to 299 are for a shop's own use; no product of the world has one."""
        barcodes = [
            variant["barcode"]
            for key in catalog.SHOPS
            for product in catalog.read_shop(key)["product"]
            for variant in product["variants"]
            if "barcode" in variant
        ]
        self.assertGreater(len(barcodes), 80)
        self.assertEqual(len(barcodes), len(set(barcodes)))
        self.assertTrue(all(barcode.startswith("2") for barcode in barcodes))

    def test_codes_are_unique_in_each_shop(self):
        for key in catalog.SHOPS:
            codes = [
                variant["code"]
                for product in catalog.read_shop(key)["product"]
                for variant in product["variants"]
                if "code" in variant
            ]
            self.assertEqual(len(codes), len(set(codes)))

    def test_every_portuguese_text_has_its_english(self):
        shop = catalog.read_shop("casa_ipe")
        for product in shop["product"]:
            self.assertIn("name_en", product, product["key"])
            self.assertEqual("text" in product, "text_en" in product, product["key"])
        for attribute in shop["attribute"]:
            for data in (attribute, *attribute["value"]):
                self.assertIn("name_en", data)

    def test_every_picture_exists_and_together_they_stay_small(self):
        paths = {
            catalog.IMAGES / key / f"{product['image']}.png"
            for key in catalog.SHOPS
            for product in catalog.read_shop(key)["product"]
            if "image" in product
        }
        paths |= {catalog.IMAGES / "logo" / f"{key}.png" for key in catalog.SHOPS}
        self.assertEqual(paths, set(catalog.IMAGES.glob("*/*.png")))
        self.assertLess(sum(path.stat().st_size for path in paths), 1_500_000)

    def test_a_reference_to_nothing_is_refused(self):
        shop = catalog.read_shop("luma")
        shop["order"][0]["customer"] = "nobody"
        with self.assertRaisesRegex(catalog.CatalogError, "nobody"):
            catalog._check_shop(shop)
