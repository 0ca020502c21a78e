from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import AiSystemCase


@tagged("post_install", "-at_install")
class TestFacadeCustomers(AiSystemCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tenant._ensure_integration_user()
        cls.company.country_id = cls.other_company.country_id = cls.env.ref("base.br")
        cls.ana = cls._partner(
            "Ana Lima", cls.company, email="Ana <ana@example.com>", phone="(11) 98765-4321"
        )

    def setUp(self):
        super().setUp()
        self.facade = self._facade(self.tenant)

    @classmethod
    def _partner(cls, name, company, **values):
        return cls.env["res.partner"].create(
            {"name": name, "company_id": company.id if company else False, **values}
        )

    def _found(self, **what):
        return [one["id"] for one in self.facade.find_partners(**what)]

    def test_by_exactly_that_number_however_it_is_written(self):
        for phone in ("+5511987654321", "5511987654321", "+55 11 8765-4321", "551187654321"):
            with self.subTest(phone=phone):
                self.assertEqual(
                    self.facade.find_partners(phone=phone),
                    [{"id": self.ana.id, "name": "Ana Lima", "language": self.ana.lang or ""}],
                )
        for phone in ("+5511987654322", "987654321", "+551198765432", "%", "_____________", "+"):
            with self.subTest(phone=phone):
                self.assertEqual(self._found(phone=phone), [])

    def test_by_exactly_that_address(self):
        self.assertEqual(self._found(email="ANA@example.com "), self.ana.ids)
        for email in ("ana@example.co", "%@example.com", "ana", "a@b.c, ana@example.com", "_na@"):
            with self.subTest(email=email):
                self.assertEqual(self._found(email=email), [])
        self.assertEqual(self._found(email="ana@example.com", phone="+5511987654321"), self.ana.ids)
        self.assertEqual(self._found(email="ana@example.com", phone="+5511900000000"), [])

    def test_a_changed_number_is_found_under_the_new_one(self):
        self.ana.phone = "+351 912 345 678"
        self.assertEqual(self._found(phone="+5511987654321"), [])
        self.assertEqual(self._found(phone="351912345678"), self.ana.ids)

    def test_at_most_two(self):
        for number in range(3):
            self._partner(f"Twin {number}", self.company, email="ana@example.com")
        self.assertEqual(len(self._found(email="ana@example.com")), 2)

    def test_contacts_and_their_company_are_one_customer(self):
        firm = self._partner("Lima Ltda", self.company, is_company=True, email="x@example.com")
        contacts = [
            self._partner(name, self.company, parent_id=firm.id, email="x@example.com")
            for name in ("First", "Second")
        ]
        self.assertEqual(self._found(email="x@example.com"), firm.ids)
        firm.email = False
        # Neither of the two is told what is kept of the other one.
        self.assertEqual(self._found(email="x@example.com"), firm.ids)
        contacts[1].email = False
        self.assertEqual(self._found(email="x@example.com"), contacts[0].ids)
        contacts[1].email = "x@example.com"
        firm.active = False
        self.assertEqual(self._found(email="x@example.com"), [one.id for one in contacts])

    def test_neither_employees_nor_companies_nor_other_companies_customers(self):
        self.company.partner_id.write({"email": "ana@example.com", "company_id": self.company.id})
        self.salesperson.partner_id.write(
            {"email": "ana@example.com", "company_id": self.company.id}
        )
        self._partner("Foreign", self.other_company, email="ana@example.com")
        self._partner("Nobody's", None, email="ana@example.com")
        self._partner("Gone", self.company, email="ana@example.com", active=False)
        service = self._integration_user(self.tenant).partner_id
        service.email = "ana@example.com"
        self.assertEqual(self._found(email="ana@example.com"), self.ana.ids)
        for partner in (self.company.partner_id, self.salesperson.partner_id, service):
            self.assertEqual(self.facade.partner_profile(partner.id), {})

    def test_shared_customers_only_when_the_tenant_says_so(self):
        shared = self._partner("Nobody's", None, email="shared@example.com")
        self.assertEqual(self._found(email="shared@example.com"), [])
        self.tenant.include_shared_records = True
        self.facade.env.invalidate_all()
        self.assertEqual(self._found(email="shared@example.com"), shared.ids)

    def test_neither_number_nor_address(self):
        for nothing in ({}, {"phone": ""}, {"email": False}):
            with self.assertRaises(UserError):
                self.facade.find_partners(**nothing)
        with self.assertRaises(AccessError):
            self.env["ai.facade"].with_user(self.manager).find_partners(phone="+5511987654321")

    def test_a_profile(self):
        self.ana.write(
            {
                "street": "Rua A, 10",
                "city": "São Paulo",
                "comment": "Pays late",
                "vat": "",
                "lang": "pt_BR",
            }
        )
        delivery = self._partner(
            "Portaria", self.company, parent_id=self.ana.id, type="delivery", street="Rua B, 20"
        )
        self.assertEqual(delivery.commercial_partner_id, self.ana)
        profile = self.facade.partner_profile(self.ana.id)
        addresses = {one["kind"]: one["text"] for one in profile.pop("addresses")}
        self.assertEqual(set(addresses), {"main", "delivery"})
        self.assertIn("Rua A, 10", addresses["main"])
        self.assertIn("Rua B, 20", addresses["delivery"])
        self.assertNotIn("\n", "".join(addresses.values()))
        self.assertEqual(
            profile,
            {
                "id": self.ana.id,
                "name": "Ana Lima",
                "email": "Ana <ana@example.com>",
                "phone": self.ana.phone,
                "language": "pt_BR",
                "pricelist": profile["pricelist"],
                "since": str(self.ana.create_date.date()),
                "orders": 0,
            },
        )

    def test_no_profile_of_anybody_else(self):
        foreign = self._partner("Foreign", self.other_company)
        shared = self._partner("Nobody's", None)
        for partner_id in (foreign.id, shared.id, 2**31 - 1):
            self.assertEqual(self.facade.partner_profile(partner_id), {})
        for wrong in (0, -1, True, "1", None, 2**31, [self.ana.id]):
            with self.subTest(wrong=wrong), self.assertRaises(UserError):
                self.facade.partner_profile(wrong)
