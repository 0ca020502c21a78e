"""`sidecar demo import-catalog`: a catalog in JSON lines becomes products of a tenant's company.

Products go through Odoo's RPC door as an administrator's, in batches. A product is told by its
internal reference; what is there already is only changed where the file says otherwise, so that
running it again, or after it was stopped, is harmless.
"""

import time
import xmlrpc.client
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sidecar.commands.search import bar
from sidecar.errors import Unavailable, Unprocessable
from sidecar.search.catalog import facts_of, outer_id, read_lines
from sidecar.settings import Settings
from sidecar.tenants.registry import TenantRegistry

_BATCH = 100
_MOST_ATTRIBUTES = 8  # of a product: what people would fill in
_LONGEST_VALUE = 60
_SEEN = ("id", "default_code", "name", "list_price", "description_sale")


@dataclass(frozen=True, slots=True)
class Import:
    """file: JSON lines, also .gz. most: products that are taken from its beginning (0: all).

    password_file: holds the password of `login`, who may create products in the tenant's Odoo.
    """

    file: Path
    account: str
    most: int
    login: str
    password_file: Path


def import_catalog(settings: Settings, asked: Import) -> int:
    """Load the products and tell how many; 0. Named errors for what cannot be used."""
    products = read_lines(asked.file)[: asked.most or None]
    control = TenantRegistry.from_settings(settings).get(asked.account).integrations.control
    if control is None:
        raise Unprocessable(f"{asked.account} has no Odoo with the suite's addons.")
    door, password = control.config, _password(asked.password_file)
    odoo = _Odoo(str(door.url), door.db, asked.login, password)
    started = time.monotonic()
    company = odoo.company_of(asked.account)
    codes = [outer_id(product) for product in products]
    if len(set(codes)) != len(codes):
        raise Unprocessable(f"{asked.file.name}: ids are not unique.")
    rows = list(zip(codes, facts_of(products, ""), strict=True))
    loader, done = _Loader(odoo, company), 0
    while done < len(rows):
        loader.load(rows[done : done + _BATCH])
        done = min(done + _BATCH, len(rows))
        bar(done, len(rows))
    spent = time.monotonic() - started
    print(
        f"{len(codes)} products in {spent:.1f} s: {loader.created} created, "
        f"{loader.changed} changed, {len(codes) - loader.created - loader.changed} as they were"
    )
    return 0


class _Loader:
    """Creates and changes products of one company, with the categories and attributes they need."""

    def __init__(self, odoo: "_Odoo", company: int):
        self.odoo, self.company = odoo, company
        self.created = self.changed = 0
        self._known: dict[tuple[str, str, str], int] = {}  # model, attribute or "", name

    def load(self, rows: list[tuple[str, dict[str, Any]]]) -> None:
        """One batch of (internal reference, facts)."""
        wanted = {code: _values(code, facts, self.company) for code, facts in rows}
        domain = [["company_id", "=", self.company], ["default_code", "in", list(wanted)]]
        seen = {
            one["default_code"]: one
            for one in self.odoo.call("product.template", "search_read", domain, list(_SEEN))
        }
        new = [(code, facts) for code, facts in rows if code not in seen]
        for code, _facts in rows:
            differing = _differing(seen[code], wanted[code]) if code in seen else {}
            if differing:
                self.odoo.call("product.template", "write", [seen[code]["id"]], differing)
                self.changed += 1
        if new:
            self._learn([facts for _code, facts in new])
            values = [wanted[code] | self._links(facts) for code, facts in new]
            self.odoo.call("product.template", "create", values)
            self.created += len(new)

    def _learn(self, every: list[dict[str, Any]]) -> None:
        """Make sure of all categories, attributes and values of these facts: a few calls."""
        told = [pair for facts in every for pair in _attributes(facts)]
        categories = {("", facts["category"]) for facts in every if facts["category"]}
        self._ensure("product.category", categories, lambda _above: {})
        names = {("", name) for name, _value in told}
        self._ensure("product.attribute", names, lambda _above: {"create_variant": "no_variant"})
        self._ensure(
            "product.attribute.value",
            set(told),
            lambda name: {"attribute_id": self._known["product.attribute", "", name]},
        )

    def _ensure(
        self, model: str, wanted: set[tuple[str, str]], more: Callable[[str], dict[str, Any]]
    ) -> None:
        """Find or make the records of those (attribute's name or "", name)."""
        missing = sorted(pair for pair in wanted if (model, *pair) not in self._known)
        if not missing:
            return
        columns = ["name", "attribute_id"] if model == "product.attribute.value" else ["name"]
        domain = [["name", "in", sorted({name for _above, name in missing})]]
        found = self.odoo.call(model, "search_read", domain, columns)
        for above, name in missing:
            values = {"name": name, **more(above)}
            attribute = values.get("attribute_id")
            for one in found:
                if one["name"] == name and (not attribute or one["attribute_id"][0] == attribute):
                    self._known.setdefault((model, above, name), one["id"])
        new = [pair for pair in missing if (model, *pair) not in self._known]
        if new:
            made = self.odoo.call(
                model, "create", [{"name": name, **more(above)} for above, name in new]
            )
            for pair, number in zip(new, made, strict=True):
                self._known[model, *pair] = number

    def _links(self, facts: dict[str, Any]) -> dict[str, Any]:
        lines = []
        for name, value in _attributes(facts):
            attribute = self._known["product.attribute", "", name]
            number = self._known["product.attribute.value", name, value]
            lines.append((0, 0, {"attribute_id": attribute, "value_ids": [(6, 0, [number])]}))
        links: dict[str, Any] = {"attribute_line_ids": lines}
        if facts["category"]:
            links["categ_id"] = self._known["product.category", "", facts["category"]]
        return links


class _Odoo:
    """A person at Odoo's RPC door."""

    def __init__(self, url: str, database: str, login: str, password: str):
        self._database, self._password = database, password
        try:
            common = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common")
            self._uid = common.authenticate(database, login, password, {})
        except (OSError, xmlrpc.client.Error):
            raise Unavailable("Odoo does not answer.") from None
        if not self._uid:
            raise Unprocessable(f"Odoo refused {login}: look at the login and the password file.")
        self._object = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object", allow_none=True)

    def company_of(self, account: str) -> int:
        """The company whose tenant has that account id. Unprocessable where there is none."""
        domain = [["account_id", "=", account]]
        found = self.call("ai.tenant", "search_read", domain, ["company_id"], limit=1)
        if not found:
            raise Unprocessable(f"Odoo has no tenant {account}.")
        return found[0]["company_id"][0]

    def call(self, model: str, method: str, *args: Any, **options: Any) -> Any:
        """A public method of a model. Unprocessable with Odoo's reason, Unavailable without."""
        try:
            return self._object.execute_kw(
                self._database, self._uid, self._password, model, method, list(args), options
            )
        except xmlrpc.client.Fault as fault:
            reason = str(fault.faultString).strip().splitlines()[-1][:200]
            raise Unprocessable(f"Odoo refused {model}.{method}: {reason}") from None
        except (OSError, xmlrpc.client.Error):
            raise Unavailable("Odoo stopped answering; run the command again.") from None


def _values(code: str, facts: dict[str, Any], company: int) -> dict[str, Any]:
    return {
        "default_code": code,
        "name": facts["name"] or code,
        "list_price": facts["price"],
        "description_sale": facts["sale_text"],
        "company_id": company,
        "type": "consu",
        "sale_ok": True,
    }


def _differing(seen: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """What of `wanted` is not what Odoo has."""
    return {
        name: wanted[name]
        for name in _SEEN
        if name in wanted and (seen[name] or "") != (wanted[name] or "")
    }


def _attributes(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The first attributes that say something short: (name, value), each name once."""
    told: dict[str, str] = {}
    for one in _named(facts["attributes"]):
        value = ", ".join(one["values"])
        if value and len(value) <= _LONGEST_VALUE and len(told) < _MOST_ATTRIBUTES:
            told.setdefault(one["name"], value)
    yield from told.items()


def _named(attributes: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (one for one in attributes if one["name"])


def _password(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        raise Unprocessable(
            f"{file} cannot be read: name the file with the password by --password-file."
        ) from None
