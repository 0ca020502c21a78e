"""One list of tools in three places, and schemas a model can afford to read."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sidecar.tenants.kinds import CREWS
from sidecar.tenants.tool_names import READING, WRITING
from sidecar.tools.registry import FAMILIES, REGISTRY, Tool
from sidecar.tools.tool import made

ROOT = Path(__file__).parents[3]
TOOLS = list(REGISTRY.values())
# what only code may say
CODES_OWN = re.compile(
    r"tenant|account|company|partner|customer_id|user|language|lang$|price_?list|currency|who|key"
)


def test_every_name_has_a_tool_and_every_tool_a_name() -> None:
    assert list(REGISTRY) == [*READING, *WRITING]
    assert {name for name, _tool in made()} == set(REGISTRY)
    assert len({module.__name__ for module in FAMILIES}) == len(FAMILIES)


def test_what_writes_is_what_documents_may_switch_on() -> None:
    assert {tool.name for tool in TOOLS if tool.writes} == set(WRITING)


def test_odoo_lists_the_same_tools() -> None:
    tree = ElementTree.parse(ROOT / "addons/ai_system/data/ai_tool.xml")
    codes = [field.text for field in tree.iter("field") if field.get("name") == "code"]
    assert sorted(codes) == sorted(REGISTRY)


def test_the_page_lists_the_same_tools() -> None:
    page = (ROOT / "docs/tools.md").read_text()
    table = page.partition("## Tools")[2].partition("YAML and Odoo list")[0]
    told = dict(re.findall(r"`(\w+)`((?: [RWDP])*)", table))
    assert set(told) >= set(REGISTRY)
    for tool in TOOLS:
        flags = set(told[tool.name].split())
        assert ("W" in flags, "P" in flags, "D" in flags) == (
            tool.writes,
            tool.personal,
            tool.destructive,
        ), tool.name


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_is_described_in_few_words(tool: Tool) -> None:
    assert 20 <= len(tool.description) <= 240
    assert set(tool.crews) <= set(CREWS)
    schema = tool.input_schema()
    assert len(json.dumps(schema)) <= 1200
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert '"title":' not in json.dumps(schema)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_no_argument_says_whose_data(tool: Tool) -> None:
    for name in _properties(tool.input_schema()):
        assert not CODES_OWN.search(name), name


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_an_answer_has_a_schema_of_its_own(tool: Tool) -> None:
    schemas = tool.output_schemas()
    assert len(schemas) == (2 if tool.writes else 1)
    for schema in schemas:
        assert schema["type"] == "object"
        assert not set(_properties(schema)) & {"cost", "margin", "vendor", "standard_price"}


def test_personal_tools_are_all_that_tell_of_orders_invoices_and_bookings() -> None:
    personal = {tool.name for tool in TOOLS if tool.personal}
    families = {"sales", "payments"}
    assert {tool.name for tool in TOOLS if tool.family in families} <= personal
    assert {"customer_profile", "calendar_bookings", "calendar_book"} <= personal


def _properties(schema: object) -> list[str]:
    if isinstance(schema, list):
        return [name for entry in schema for name in _properties(entry)]
    if not isinstance(schema, dict):
        return []
    own = list(schema.get("properties", {}))
    return own + [name for value in schema.values() for name in _properties(value)]
