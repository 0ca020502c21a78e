"""What Odoo's form renders is what the schema takes; its addon's test compares the same file."""

import json
from pathlib import Path

import yaml

from sidecar.__main__ import main
from sidecar.tenants.pushing import PushingErp
from sidecar.tenants.schema import parse_tenant
from tests.documents import tenant_document

FILE = Path(__file__).parents[3] / "addons/ai_system/tests/pushing_erp.json"


def document() -> dict[str, object]:
    made = tenant_document()
    made["integrations"]["mcp"] = json.loads(FILE.read_text())
    return made


def test_an_erp_that_sends_is_taken_as_odoo_tells_it() -> None:
    mcp = parse_tenant(document()).integrations.mcp
    assert isinstance(mcp, PushingErp)
    assert mcp.config.phone_country == "55"
    assert set(mcp.config.mapping) == {"default"}
    callback = mcp.config.callback
    assert callback is not None
    assert (callback.auth, callback.username, callback.timeout) == ("basic", "ai", 20)
    known = set(type(callback).model_fields) | set(type(mcp.config).model_fields)
    told = json.loads(FILE.read_text())["config"]
    assert {*told, *told["callback"]} <= known, "a part of another name would be kept, not used"


def test_the_tree_that_a_push_of_it_leaves_is_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "domains/furniture/account_1"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(yaml.safe_dump(document()))
    mapping = {"accounts": {"account_1": "furniture"}}
    (tmp_path / "account_mapping.yaml").write_text(yaml.safe_dump(mapping))
    assert main(["tenants", "check", str(tmp_path)]) == 0
    broken = (folder / "config.yaml").read_text().replace("auth: basic", "auth: ntlm")
    (folder / "config.yaml").write_text(broken)
    assert main(["tenants", "check", str(tmp_path)]) == 1
