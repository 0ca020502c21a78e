"""`sidecar demo import-catalog`: a catalog in JSON lines becomes products of a tenant's company.

Products go through Odoo's RPC door as an administrator's, in batches. A product is told by its
internal reference; what is there already is only changed where the file says otherwise, so that
running it again, or after it was stopped, is harmless.
"""

import time
import xmlrpc.client
from collections.abc import Iterable, Iterator
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
        self._known: dict[tuple[str, str, int], int] = {}

    def load(self, rows: list[tuple[str, dict[str, Any]]]) -> None:
        """One batch of (internal reference, facts)."""
        wanted = {code: _values(code, facts, self.company) for code, facts in rows}
        domain = [["company_id", "=", self.company], ["default_code", "in", list(wanted)]]
        seen = {
            one["default_code"]: one
            for one in self.odoo.call("product.template", "search_read", domain, list(_SEEN))
        }
        new = []
        for code, facts in rows:
            values = wanted[code]
            if code not in seen:
                new.append(values | self._links(facts))
            elif differing := {
                name: values[name]
                for name in _SEEN
                if name in values and (seen[code][name] or "") != (values[name] or "")
            }:
                self.odoo.call("product.template", "write", [seen[code]["id"]], differing)
                self.changed += 1
        if new:
            self.odoo.call("product.template", "create", new)
            self.created += len(new)

    def _links(self, facts: dict[str, Any]) -> dict[str, Any]:
        lines = []
        for name, value in _attributes(facts):
            attribute = self._id("product.attribute", name, create_variant="no_variant")
            number = self._id("product.attribute.value", value, attribute_id=attribute)
            lines.append((0, 0, {"attribute_id": attribute, "value_ids": [(6, 0, [number])]}))
        links: dict[str, Any] = {"attribute_line_ids": lines}
        if facts["category"]:
            links["categ_id"] = self._id("product.category", facts["category"])
        return links

    def _id(self, model: str, name: str, **values: Any) -> int:
        """The record of that name, made when there is none."""
        above = values.get("attribute_id", 0)
        key = (model, name, above)
        if key not in self._known:
            domain = [["name", "=", name]]
            if above:
                domain.append(["attribute_id", "=", above])
            found = self.odoo.call(model, "search", domain, limit=1)
            self._known[key] = (
                found[0] if found else self.odoo.call(model, "create", {"name": name, **values})
            )
        return self._known[key]


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
