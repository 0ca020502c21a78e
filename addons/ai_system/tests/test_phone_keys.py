from odoo.tests import BaseCase, tagged

from ..phone_keys import key


@tagged("post_install", "-at_install")
class TestPhoneKeys(BaseCase):
    def test_each_way_to_write_a_brazilian_number_is_the_same(self):
        for text in (
            "+55 11 98765-4321",
            "+5511987654321",
            "55 11 98765 4321",
            "0055 11 98765-4321",
            "(11) 98765-4321",
            "011 98765-4321",
            "11987654321",
            "+55 11 8765-4321",  # before the ninth digit; WhatsApp still says it so
            "551187654321",
            "(11) 8765-4321",
            "11 98765-4321 ramal 12",
        ):
            with self.subTest(text=text):
                self.assertEqual(key(text, "55"), "5511987654321")

    def test_a_fixed_line_gets_no_ninth_digit(self):
        self.assertEqual(key("(11) 3456-7890", "55"), "551134567890")

    def test_numbers_of_other_countries(self):
        for text, dial_code, expected in (
            ("(212) 555-0100", "1", "12125550100"),
            ("1 212 555 0100", "1", "12125550100"),
            ("+351 912 345 678", "55", "351912345678"),
            ("912 345 678", "351", "351912345678"),
            ("0171 1234567", "49", "491711234567"),
            ("06 1234 5678", "39", "390612345678"),
        ):
            with self.subTest(text=text):
                self.assertEqual(key(text, dial_code), expected)

    def test_what_is_no_whole_number_has_no_key(self):
        for text in (
            "", None, "8765-4321", "123", "%", "_________", "ana@example.com", "+",
            "(11) 98765-4321 / (11) 3456-7890", "11 98765-43", "+1234567890123456",
        ):  # fmt: skip
            with self.subTest(text=text):
                self.assertEqual(key(text, "55"), "")
        self.assertEqual(key("(11) 98765-4321"), "")
