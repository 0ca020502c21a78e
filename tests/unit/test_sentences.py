"""The Portuguese catalog says everything the code says, and nothing else."""

import ast
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2] / "sidecar"


def spoken(file: Path | None = None) -> set[str]:
    """Every text given to `_(…)` in the sidecar, or in one file of it."""
    found = set()
    for path in [file] if file else ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "_"
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(node.args[0].value)
    return found


def test_portuguese_is_complete_and_current() -> None:
    with (ROOT / "locale/pt_BR/LC_MESSAGES/sidecar.po").open("rb") as file:
        catalog = {m.id: m for m in read_po(file) if m.id}
    assert set(catalog) == spoken()
    assert [m.id for m in catalog.values() if not m.string or m.fuzzy] == []


def test_spanish_has_what_customers_are_told() -> None:
    with (ROOT / "locale/es/LC_MESSAGES/sidecar.po").open("rb") as file:
        catalog = {m.id: m for m in read_po(file) if m.id}
    assert set(catalog) <= spoken()
    assert [m.id for m in catalog.values() if not m.string or m.fuzzy] == []
    by_room = {"crews/confirming.py", "crews/handing_over.py", "llm/extractive.py"} | {
        "crews/extractive_answer.py"
    }
    assert {text for name in by_room for text in spoken(ROOT / name)} - set(catalog) == {
        "the customer is angry",
        "the customer asked for a person",
        "something arrived broken or wrong",
    }
