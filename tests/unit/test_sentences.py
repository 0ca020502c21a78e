"""The Portuguese catalog says everything the code says, and nothing else."""

import ast
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2] / "sidecar"


def spoken() -> set[str]:
    """Every text given to `_(…)` in the sidecar."""
    found = set()
    for path in ROOT.rglob("*.py"):
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
