import os
import tempfile
from pathlib import Path

from odoo.tests import BaseCase, tagged

from .. import vault
from ..vault import Place, Vault
from .common import KEY_ONE, KEY_TWO, PLANTED

HERE = Place("account_1", "3f0c", "shopee_partner_key")


@tagged("post_install", "-at_install")
class TestVault(BaseCase):
    def setUp(self):
        super().setUp()
        self.first, self.second = vault.parse_keys([KEY_ONE, KEY_TWO])
        self.vault = Vault((self.first,))

    def test_round_trip(self):
        for value in ("a", "çã€ 🔑", "x" * 20000):
            self.assertEqual(self.vault.unseal(self.vault.seal(value, HERE), HERE), value)

    def test_same_value_never_looks_the_same(self):
        sealed = {self.vault.seal(PLANTED, HERE) for _ in range(20)}
        self.assertEqual(len(sealed), 20)
        self.assertTrue(all(PLANTED not in text for text in sealed))

    def test_form_names_the_key(self):
        sealed = self.vault.seal("a", HERE)
        self.assertRegex(sealed, rf"^v1\.{self.first.fingerprint}\.[A-Za-z0-9+/]+=*$")
        self.assertEqual(vault.key_of(sealed), self.first.fingerprint)

    def test_does_not_open_elsewhere(self):
        sealed = self.vault.seal(PLANTED, HERE)
        for place in (
            Place("account_2", "3f0c", "shopee_partner_key"),
            Place("account_1", "3f0d", "shopee_partner_key"),
            Place("account_1", "3f0c", "amazon_client_secret"),
            # The same letters, divided in another way.
            Place("account_13", "f0c", "shopee_partner_key"),
        ):
            with self.subTest(place=place), self.assertRaises(vault.SecretChanged):
                self.vault.unseal(sealed, place)

    def test_does_not_open_when_changed(self):
        sealed = self.vault.seal(PLANTED, HERE)
        version, key, data = sealed.split(".")
        broken = [
            f"{version}.{key}.{data[:-6]}AAAA==",
            f"{version}.{key}.{'B' if data[0] == 'A' else 'A'}{data[1:]}",
            f"{version}.{key}.AAAA",
            f"{version}.{key}.A",
            f"v2.{key}.{data}",
            f"{key}.{data}",
            sealed + "\n",
            "",
        ]
        for text in broken:
            with self.subTest(text=text), self.assertRaises(vault.SecretChanged):
                self.vault.unseal(text, HERE)

    def test_first_key_seals_and_all_open(self):
        old = self.vault.seal("old", HERE)
        both = Vault((self.second, self.first))
        self.assertEqual(both.unseal(old, HERE), "old")
        self.assertEqual(vault.key_of(both.seal("new", HERE)), self.second.fingerprint)
        with self.assertRaises(vault.UnknownKey) as caught:
            Vault((self.second,)).unseal(old, HERE)
        self.assertEqual(caught.exception.fingerprint, self.first.fingerprint)

    def test_mark_is_keyed_and_per_account(self):
        mark = self.vault.mark("a", "account_1")
        self.assertRegex(mark, "^[0-9a-f]{8}$")
        self.assertEqual(mark, self.vault.mark("a", "account_1"))
        self.assertNotEqual(mark, self.vault.mark("b", "account_1"))
        self.assertNotEqual(mark, self.vault.mark("a", "account_2"))
        self.assertNotEqual(mark, Vault((self.second,)).mark("a", "account_1"))

    def test_last_four_of_long_values_only(self):
        self.assertEqual(vault.last_four("x" * 11 + "1a2b"), "")
        self.assertEqual(vault.last_four("x" * 12 + "1a2b"), "1a2b")

    def test_keys_do_not_show(self):
        self.assertEqual(repr(self.first), f"Key({self.first.fingerprint})")
        self.assertNotIn(KEY_ONE[:8], self.first.fingerprint)

    def test_derived_keys_differ_by_purpose(self):
        self.assertNotEqual(self.first.derive(b"one"), self.first.derive(b"two"))
        self.assertNotEqual(self.first.derive(b"one"), self.first.secret)


@tagged("post_install", "-at_install")
class TestKeySource(BaseCase):
    def setUp(self):
        super().setUp()
        self.source = vault.KeySource()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "keys"

    def _fingerprints(self, environ=None, options=None):
        return [key.fingerprint for key in self.source.keys(environ or {}, options or {})]

    def test_environment_comes_first(self):
        one, two = (key.fingerprint for key in vault.parse_keys([KEY_ONE, KEY_TWO]))
        self.file.write_text(KEY_TWO)
        self.assertEqual(self._fingerprints({}, {"ai_credentials_keys": KEY_ONE}), [one])
        self.assertEqual(
            self._fingerprints(
                {"AI_CREDENTIALS_KEYS": f"{KEY_TWO}, {KEY_ONE},"}, {"ai_credentials_keys": KEY_ONE}
            ),
            [two, one],
        )
        for environ, options in (
            ({"AI_CREDENTIALS_KEY_FILE": str(self.file)}, {"ai_credentials_keys": KEY_ONE}),
            ({}, {"ai_credentials_key_file": str(self.file)}),
        ):
            self.assertEqual(self._fingerprints(environ, options), [two])

    def test_file_is_read_anew_when_it_changes(self):
        environ = {"AI_CREDENTIALS_KEY_FILE": str(self.file)}
        self.file.write_text(f"# made by hand\n\n{KEY_ONE}  # 2026\n")
        before = self._fingerprints(environ)
        os.utime(self.file, ns=(1, 1))
        self.file.write_text(f"{KEY_TWO}\n{KEY_ONE}\n")
        after = self._fingerprints(environ)
        self.assertEqual((len(before), len(after)), (1, 2))
        self.assertEqual(after[1:], before)

    def test_no_key(self):
        self.file.write_text("# nothing\n")
        for environ in (
            {},
            {"AI_CREDENTIALS_KEYS": " "},
            {"AI_CREDENTIALS_KEYS": ","},
            {"AI_CREDENTIALS_KEY_FILE": str(self.file)},
        ):
            with self.subTest(environ=environ), self.assertRaises(vault.NoKey):
                self._fingerprints(environ)

    def test_malformed_key_is_named_by_its_place(self):
        for text in ("short", KEY_ONE[:-4], KEY_ONE + "AAAA", "é" * 43):
            with self.subTest(text=text), self.assertRaises(vault.MalformedKey) as caught:
                self._fingerprints({"AI_CREDENTIALS_KEYS": f"{KEY_ONE},{text}"})
            self.assertEqual(str(caught.exception), "2")

    def test_unreadable_file_is_named(self):
        self.file.write_bytes(b"\xff\xfe")
        for path in (self.file, self.file.parent, self.file.parent / "none"):
            with self.subTest(path=path), self.assertRaises(vault.UnreadableKeys) as caught:
                self._fingerprints({"AI_CREDENTIALS_KEY_FILE": str(path)})
            self.assertEqual(str(caught.exception), str(path))
