"""What our own models read of a tool: as little as it takes, and nothing that it refuses."""

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from sidecar.crews.definitions import __path__ as definitions
from sidecar.crews.tools import _told
from sidecar.tools.registry import REGISTRY, Tool
from sidecar.tools.schemas import lean

TOOLS = list(REGISTRY.values())
MOST = {"customer_service": 7_000, "sales": 6_200, "analytics": 3_500}  # characters of all tools
TEXTS = {"date": "2026-11-27"}


def example(schema: dict[str, Any], full: bool) -> Any:
    """Arguments that the lean schema asks for; full: also those that may be left out."""
    if "enum" in schema:
        return schema["enum"][-1]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], full)
    match schema["type"]:
        case "object" if "properties" in schema:
            wanted = schema["properties"] if full else schema.get("required", [])
            return {name: example(schema["properties"][name], full) for name in wanted}
        case "object":
            return {"Cor": "Azul"} if full else {}
        case "array":
            return [example(schema["items"], full)] * max(schema.get("minItems", 1), 1)
        case "integer":
            return schema.get("maximum", 3)
        case "number":
            return 2.5
        case "boolean":
            return True
        case _:
            return TEXTS.get(schema.get("format", ""), "S00042")


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_what_the_short_schema_asks_for_the_tool_takes(tool: Tool, full: bool) -> None:
    short = lean(tool)
    Draft202012Validator.check_schema(short)
    given = example(short, full)
    if tool.name == "payment_link":  # one of the two
        given = {"order": "S00042"}
    if tool.name == "product_compare":
        given["product_ids"] = [1, 2]
    Draft202012Validator(short).validate(given)
    Draft202012Validator(tool.input_schema()).validate(given)
    tool.arguments.model_validate(given)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_the_short_schema_leaves_out_only_what_says_nothing(tool: Tool) -> None:
    short, whole = lean(tool), tool.input_schema()
    assert list(short["properties"]) == list(whole["properties"])
    assert short.get("required", []) == whole.get("required", [])
    for name, field in whole["properties"].items():
        assert short["properties"][name].get("description") == field.get("description")
    text = json.dumps(short)
    assert not [part for part in ("$ref", "$defs", '"title":', '"null"', "Length") if part in text]
    assert not [value for value in ('""', "null", "[]", "{}") if f'"default": {value}' in text]


def test_writing_arguments_never_name_a_confirmation_to_our_models() -> None:
    for tool in TOOLS:
        assert "confirmation" not in json.dumps(_told(tool.name))


def test_our_models_read_the_beginning_and_mcp_clients_all_of_a_description() -> None:
    tool = REGISTRY["order_status"]
    assert tool.description == f"{tool.summary} Nobody else's."
    for each in TOOLS:
        assert each.description.startswith(each.summary)
        assert len(each.summary) >= 20


@pytest.mark.parametrize("crew", MOST)
@pytest.mark.parametrize("language", ["pt", "en", "es"])
def test_a_crews_tools_cost_little_to_read(crew: str, language: str) -> None:
    """Each call of a model carries them: four characters are about a token."""
    with open(f"{definitions[0]}/{crew}.{language}.yaml", encoding="utf-8") as file:
        (agent, *_others) = yaml.safe_load(file)["agents"]
    told = [_told(name) for name in agent["tools"]]
    assert len(json.dumps(told, ensure_ascii=False, separators=(",", ":"))) <= MOST[crew]
