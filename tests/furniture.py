"""Sixty-two invented products of a Brazilian furniture shop, as facts (docs/contracts.md)."""

import csv
from pathlib import Path
from typing import Any

from tests.facts import product_facts

_FILE = Path(__file__).parent / "fixtures/furniture_pt.tsv"


def furniture() -> list[dict[str, Any]]:
    """All products; ids count from 1 in the file's order."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [_facts(number, row) for number, row in enumerate(rows, 1)]


def _facts(number: int, row: dict[str, str]) -> dict[str, Any]:
    service = row["category"].startswith("Serviços")
    attributes = [part.split(": ") for part in row["attributes"].split("; ") if part]
    return product_facts(
        id=number,
        name=row["name"],
        category=row["category"],
        type="service" if service else "consu",
        default_code=row["code"],
        barcode=f"789{number:010}",
        price=float(row["price"]),
        available=float(row["available"]),
        in_stock=service or float(row["available"]) > 0,
        sale_text=row["text"],
        attributes=[{"name": name, "values": values.split(", ")} for name, values in attributes],
        tags=[],
    )
