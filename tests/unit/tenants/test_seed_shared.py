"""The example that the product's specification shows is read as it stands there."""

import os
import re
from pathlib import Path

import pytest

from sidecar.__main__ import main
from sidecar.tenants.files import TenantFiles

SPECIFICATION = Path(os.environ["CHATWOOTAI_SHARED"]) / "reference/seed.pt.md"


def blocks() -> dict[str, str]:
    """The YAML blocks that begin with the name of their file, by that name."""
    found = re.findall(r"```yaml\n# (config/\S+\.yaml)\n(.*?)```", SPECIFICATION.read_text(), re.S)
    return dict(found)


@pytest.mark.parametrize("place", ["furniture", "domains/furniture"])
def test_its_tenant_and_its_mapping_pass_the_check(
    tmp_path: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    written = blocks()
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / "account_2.yaml").write_text(written["config/furniture/account_2.yaml"])
    (tmp_path / "chatwoot_mapping.yaml").write_text(
        re.sub(r'(?m)^  "[134]".*\n?', "", written["config/chatwoot_mapping.yaml"])
    )
    assert main(["tenants", "check", str(tmp_path)]) == 0
    tenant = TenantFiles(tmp_path).reading("account_2").tenant
    assert set(tenant.crews) == {"customer_service", "product_management", "social_media"}
    assert tenant.crews["customer_service"].agents[1].tools == [
        "product_search",
        "price_calculator",
    ]
    assert (tenant.prefix, tenant.context.collection) == ("account_2", "products_account_2")
    assert "one store" in capsys.readouterr().out  # why its Redis is not used


def test_its_tree_of_folders_passes_the_check(tmp_path: Path) -> None:
    tree = {
        "furniture/account_1": ["support_crew.yaml", "analytics_crew.yaml"],
        "furniture/account_2": ["support_crew.yaml"],
        "cosmetics/account_3": ["support_crew.yaml", "sales_crew.yaml"],
    }
    mapping = "accounts:\n"
    for home, crews in tree.items():
        domain, account_id = home.split("/")
        mapping += f"  {account_id}: {domain}\n"
        folder = tmp_path / "domains" / home
        folder.mkdir(parents=True)
        (folder / "config.yaml").write_text(f"name: Loja de {account_id}\n")
        for crew in crews:
            (folder / crew).write_text("enabled: true\n")
    (tmp_path / "account_mapping.yaml").write_text(mapping)
    assert main(["tenants", "check", str(tmp_path)]) == 0
    readings = {reading.account_id: reading.tenant for reading in TenantFiles(tmp_path).readings()}
    assert set(readings["account_1"].crews) == {"customer_service", "analytics"}
    assert set(readings["account_3"].crews) == {"customer_service", "sales"}
