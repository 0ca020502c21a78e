"""A catalog through the studio: imported, written about in bulk, approved, synchronized, searched.

Odoo, the sidecar and the model's double are the started house's; while texts are written somebody
reads product forms. `STUDIO_CATALOG` names a file of JSON lines (docs/studio.md); without it some
products are made up. `STUDIO_PRODUCTS` takes only so many from its beginning. Texts are written by
the scripted double; `STUDIO_WRITER=extractive` lets it fail, so that the extractive writer does it.
"""

import json
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import requests

from sidecar.search.catalog import outer_id, read_lines
from tests.bench.house import administrator, row, spread
from tests.e2e.conftest import BASE, PROGRAMS, Odoo

_ACCOUNT = "account_1"
_PRODUCTS, _PATIENCE, _SEARCH_PATIENCE = 200, 1800.0, 30.0
_PAUSE = 0.1  # seconds between two readings of a form
_KINDS = ("Chair", "Desk", "Lamp", "Shelf", "Sofa")
_COLORS = ("Blue", "Gray", "Green", "White")


def main() -> None:
    """Each step once, with how many products and how long."""
    writer = os.environ.get("STUDIO_WRITER") or "scripted"
    odoo = administrator()
    (tenant,) = odoo.call(
        "ai.tenant", "search_read", [["account_id", "=", _ACCOUNT]], ["company_id", "language"]
    )
    shop = _Shop(odoo, tenant["company_id"][0], tenant["language"])
    codes = _import()
    products = shop.products(codes)
    if writer == "extractive":
        failing = {"status": 503, "count": 10 * len(codes), "path": "/completions"}
        requests.post(f"http://127.0.0.1:{BASE + 8}/double/fail", json=failing, timeout=30)
    if len(products) != len(codes):
        raise SystemExit(f"bench: {len(products)} of {len(codes)} products arrived")
    reader = _FormReader(products[0])
    with reader:
        taken = shop.run({"kind": "generate", "product_ids": products, "fill_only_empty": False})
    row(f"studio, texts, {writer}", _rate(products, taken), "≥ 5/s, goal 10/s")
    row("studio, form read meanwhile", spread(reader.seconds), "p95 ≤ 500 ms")
    taken = shop.run({"kind": "approve", "product_ids": products, "minimum_score": 0})
    row("studio, approved in bulk", _rate(products, taken) + shop.held(), "gates hold")
    taken = shop.run({"kind": "sync", "product_ids": products})
    row("studio, synchronized", _rate(products, taken), "each line tells")
    row("studio, searched", shop.search(products[:10]), "popularity counts it")
    row("studio, screen of badges", spread(shop.screens()), "one page of 80")


def _import() -> list[str]:
    """Load the catalog by the command; the internal references of its products."""
    most = int(os.environ.get("STUDIO_PRODUCTS", "0"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(os.environ.get("STUDIO_CATALOG") or _made_up(Path(folder), most or _PRODUCTS))
        started = time.monotonic()
        password = os.environ["CHATWOOTAI_E2E_ADMIN_PASSWORD_FILE"]
        command = [PROGRAMS / "sidecar", "demo", "import-catalog", file, "--account", _ACCOUNT,
                   "--most", str(most), "--password-file", password]  # fmt: skip
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        taken = time.monotonic() - started
        row("studio, catalog imported", f"{taken:.0f} s: {told.strip()}", "again changes nothing")
        return [outer_id(one) for one in read_lines(file)[: most or None]]


def _made_up(folder: Path, count: int) -> Path:
    file = folder / "catalog.jsonl"
    lines = [
        {
            "id": f"BENCH-{number:05}",
            "title": f"{_KINDS[number % 5]} {_COLORS[number % 4]} {number}",
            "description": f"{_KINDS[number % 5]} for the house, {60 + number % 90} cm wide.",
            "price_cents": 9900 + number,
            "attributes": {"color": _COLORS[number % 4], "width": f"{60 + number % 90} cm"},
        }
        for number in range(count)
    ]
    file.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    return file


class _Shop:
    """The company of the tenant, by its administrator."""

    def __init__(self, odoo: Odoo, company: int, language: str):
        self.odoo, self.company = odoo, company
        self.context = {"allowed_company_ids": [company], "lang": language}
        self.last: dict[str, Any] = {}

    def products(self, codes: list[str]) -> list[int]:
        domain = [["company_id", "=", self.company], ["default_code", "in", codes]]
        return self.odoo.call("product.template", "search", domain, order="id")

    def run(self, values: dict[str, Any]) -> float:
        """Start a bulk run and wait for its end; the seconds it took."""
        started = time.monotonic()
        run = self.odoo.call("ai.product.run", "create", values, context=self.context)
        self.odoo.call("ai.product.run", "action_start", [run], context=self.context)
        while True:
            self.last = self.odoo.call(
                "ai.product.run", "run_progress", [run], context=self.context
            )
            if self.last["state"] == "done":
                break
            if time.monotonic() - started > _PATIENCE:
                raise SystemExit(f"bench: {values['kind']} did not end: {self.last}")
            time.sleep(0.2)
        if values["kind"] != "approve" and self.last["done"] != len(values["product_ids"]):
            raise SystemExit(f"bench: {values['kind']} left lines behind: {self.last}")
        return time.monotonic() - started

    def held(self) -> str:
        return f", {self.last['done']} approved, {self.last['failed']} held back"

    def search(self, products: list[int]) -> str:
        """Ask AI Search for each product by its name, until its popularity has counted that."""
        taken, fields = [], ["name", "ai_hits"]
        for product in products:

            def read(product: int = product) -> dict[str, Any]:
                return self.odoo.call(
                    "product.template", "read", [product], fields, context=self.context
                )[0]

            before, started = read(), time.monotonic()
            self.odoo.call("ai.product.search", "ask", before["name"], False, context=self.context)
            while read()["ai_hits"] == before["ai_hits"]:
                if time.monotonic() - started > _SEARCH_PATIENCE:
                    raise SystemExit(f"bench: a search for {before['name']!r} does not find it")
                time.sleep(0.05)
            taken.append(time.monotonic() - started)
        return f"each found by its name, click to answer {spread(taken)}"

    def screens(self) -> list[float]:
        """Seconds of ten openings of the mass screen's first page."""
        names = ("name", "is_favorite", "list_price", "ai_sync_state", "ai_quality", "ai_price",
                 "ai_price_state", "ai_price_difference", "ai_popularity")  # fmt: skip
        domain, wanted, taken = [["sale_ok", "=", True]], {name: {} for name in names}, []
        for _time in range(10):
            started = time.monotonic()
            self.odoo.call(
                "product.template", "web_search_read", domain, wanted, limit=80,
                context=self.context,
            )  # fmt: skip
            taken.append(time.monotonic() - started)
        return taken


class _FormReader:
    """Reads a product as its form does, again and again, as long as the block runs."""

    def __init__(self, product: int):
        self.seconds: list[float] = []
        self._product, self._over = product, threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _read(self) -> None:
        odoo = administrator()  # a connection of its own
        told = odoo.call("product.template", "get_views", [[False, "form"]])
        names = told["models"]["product.template"]["fields"]
        wanted = {name: {} for name in names if not name.startswith(("image_", "message_"))}
        while not self._over.wait(_PAUSE):
            started = time.monotonic()
            odoo.call("product.template", "web_read", [self._product], wanted)
            self.seconds.append(time.monotonic() - started)


def _rate(products: list[int], seconds: float) -> str:
    return f"{len(products) / seconds:.1f} products/s ({len(products)} in {seconds:.0f} s)"
