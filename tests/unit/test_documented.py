"""Every setting, endpoint, Redis key and command is documented."""

import re
from pathlib import Path

import pytest

from sidecar.app import create_app
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.tenants.kinds import CREWS
from sidecar.tools.registry import REGISTRY

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_setting_is_described_and_documented(name: str) -> None:
    assert Settings.model_fields[name].description
    assert f"`CHATWOOTAI_{name.upper()}`" in (ROOT / "docs/settings.md").read_text()


def test_no_setting_is_documented_that_does_not_exist() -> None:
    named = re.findall(r"^\| `CHATWOOTAI_(\w+)`", (ROOT / "docs/settings.md").read_text(), re.M)
    assert {name.lower() for name in named} == set(Settings.model_fields)


def test_every_endpoint_is_documented(settings: Settings) -> None:
    text = (ROOT / "docs/contracts.md").read_text()
    for rule in create_app(settings).url_map.iter_rules():
        assert f"{rule.rule}`" in text, rule.rule


def test_only_the_settings_read_the_environment() -> None:
    readers = [
        path.relative_to(ROOT)
        for path in (ROOT / "sidecar").rglob("*.py")
        if re.search(r"os\.environ\b(?!\.update)|os\.getenv", path.read_text())
    ]
    assert readers == []


def test_every_verb_about_tenants_is_documented() -> None:
    text = (ROOT / "docs/configuration.md").read_text()
    program = (ROOT / "sidecar/__main__.py").read_text()
    verbs = re.findall(r'verbs\.add_parser\("(\w+)"', program.partition("def _add_tenants")[2])
    assert verbs
    for verb in verbs:
        assert f"`sidecar tenants {verb}" in text


def test_every_crew_and_tool_is_documented() -> None:
    text = (ROOT / "docs/configuration.md").read_text()
    for name in (*CREWS, *REGISTRY):
        assert f"`{name}`" in text, name


def test_every_key_function_is_in_the_table() -> None:
    table = keys.__doc__ or ""
    for key in (
        keys.config("{a}"),
        keys.published("{a}"),
        keys.crew("{prefix}", "{crew}"),
        keys.index_version("{prefix}"),
        keys.search_result("{prefix}", "{sha256}"),
        keys.stock_share("{prefix}"),
        keys.search_text("{prefix}", "{sha256}"),
        keys.inbox("{a}", "{conversation}"),
        keys.binding("{a}"),
        keys.secrets("{a}"),
        keys.signing("{a}"),
        keys.lease_epoch("{a}"),
        keys.trail("{a}"),
        keys.trail_rows("{a}"),
        keys.trail_fold("{a}", "{hash}"),
        keys.nonce("{a}", "{n}"),
        keys.seen("{a}", "{hash}"),
        keys.mailbox("{a}", "{conversation}"),
        keys.changed("{a}", "{conversation}", "{message}"),
        keys.turn("{a}", "{conversation}"),
        keys.talk("{a}", "{conversation}"),
        keys.silence("{a}", "{conversation}"),
        keys.summary("{a}", "{conversation}"),
        keys.contact("{a}", "{channel}", "{contact}"),
        keys.forgotten("{a}", "{conversation}"),
        keys.erasing("{a}", "{channel}", "{contact}"),
        keys.trace("{a}", "{uuid}"),
        keys.traces("{a}"),
        keys.history("{a}", "{conversation}"),
        keys.person("{a}", "{conversation}"),
        keys.identity_code("{a}", "{conversation}"),
        keys.identity_count("{a}", "{hash}"),
        keys.confirmation("{a}", "{scope}"),
        keys.job("{a}", "{uuid}"),
        keys.job_items("{a}", "{uuid}"),
        keys.job_owner("{uuid}"),
        keys.alerts("{a}"),
        keys.webhook_route("{sha256}"),
        keys.inbox_route("{chatwoot}", "{inbox}"),
        keys.mcp_route("{sha256}"),
        keys.mcp_requests("{a}", "{key}", "{minute}"),
        keys.pushed("{a}", "{kind}", "{part}"),
        keys.push_keys("{a}"),
        keys.push_requests("{a}", "{key}", "{minute}"),
        keys.push_answer("{a}", "{sha256}"),
        keys.push_calls("{a}", "{minute}"),
        keys.push_done("{a}", "{sha256}"),
        keys.push_route("{sha256}"),
        keys.domain("{a}"),
        keys.enrollment("{sha256}"),
        keys.unknown_trail_fold("{hash}"),
        keys.UNKNOWN_TRAIL,
        keys.UNKNOWN_TRAIL_ROWS,
        keys.due("{kind}"),
        keys.lease("{kind}", "{item}"),
        keys.hint("{kind}", "{item}"),
        keys.beat("{process}"),
        keys.ACCOUNTS,
        keys.PREFIXES,
        keys.CONFIG_ERRORS,
        keys.FENCE,
        keys.LEADER,
    ):
        assert f"`{key}`" in table, key
