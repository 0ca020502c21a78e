"""Which crew a message finds, and why; and how little that asks of Redis."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import pytest
import redis

from sidecar.commands import tenants as command
from sidecar.errors import CrewDisabled, Unauthorized, Unprocessable
from sidecar.hub.routing import (
    CrewUnfit,
    NoChannel,
    OtherTenant,
    Router,
    crew_for,
    proven_phone,
    require_conversing,
    require_enabled,
    same_number,
)
from sidecar.settings import Settings
from sidecar.tenants.registry import TenantRegistry
from sidecar.tenants.schema import parse_tenant
from tests.documents import tenant_document

CHAT = "https://chat.example"
OWNER = "+5511999990000"


def digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def channel(number: int, inbox: int | None, **changes: Any) -> dict[str, Any]:
    hook = {"id": number, "token_sha256": digest(f"t{number}"), "secret_ref": "s"}
    return {
        "id": number,
        "url": CHAT,
        "account_id": 1,
        "inbox_id": inbox,
        "bot_token_ref": "b",
        "hooks": [hook],
        **changes,
    }


def document(account_id: str, *channels: dict[str, Any], **changes: Any) -> dict[str, Any]:
    told = tenant_document(account_id, **changes)
    told["integrations"]["chatwoot"]["channels"] = list(channels)
    return told


@pytest.fixture
def registry(settings: Settings) -> TenantRegistry:
    return TenantRegistry.from_settings(settings)


@pytest.fixture
def router(registry: TenantRegistry) -> Router:
    return Router(registry)


def test_the_channel_that_names_the_inbox_wins(registry: TenantRegistry, router: Router) -> None:
    registry.apply(
        document(
            "account_1",
            channel(1, None, sequence=1),
            channel(2, 20, sequence=99, crew="sales"),
            channel(3, None, sequence=5),
        )
    )
    named = router.decide(digest("t1"), 20)
    assert (named.channel.id, named.crew) == (2, "sales")
    assert named.because == "channel 2 names inbox 20; it is the channel's crew"
    other = router.decide(digest("t3"), 21)
    assert other.channel.id == 1  # the lowest sequence, whichever URL it came by
    assert "no channel names inbox 21" in other.because
    assert router.decide(digest("t3"), None).channel.id == 3  # the worker asks Chatwoot


def test_an_inbox_that_another_tenant_names_is_left_alone(
    registry: TenantRegistry, router: Router
) -> None:
    registry.apply(document("account_1", channel(1, None)))
    registry.apply(document("account_2", channel(2, 20, url=f"{CHAT}:443/")))
    with pytest.raises(OtherTenant):
        router.decide(digest("t1"), 20)
    assert router.decide(digest("t2"), 20).tenant.account_id == "account_2"
    assert router.decide(digest("t1"), 21).tenant.account_id == "account_1"
    # the same number at another Chatwoot, or in another account of it, is another inbox
    registry.apply(document("account_2", channel(2, 20, url="https://other.example"), version=2))
    assert router.decide(digest("t1"), 20).tenant.account_id == "account_1"
    registry.apply(document("account_2", channel(2, 20, account_id=9), version=3))
    assert router.decide(digest("t1"), 20).tenant.account_id == "account_1"


def test_a_tenant_that_names_its_inbox_keeps_it_whoever_else_does(
    registry: TenantRegistry, router: Router
) -> None:
    registry.apply(document("account_1", channel(1, 20)))
    registry.apply(document("account_2", channel(2, 20)))
    assert router.decide(digest("t1"), 20).tenant.account_id == "account_1"
    assert router.decide(digest("t2"), 20).tenant.account_id == "account_2"


def test_an_inbox_nobody_serves_and_a_url_nobody_has(
    registry: TenantRegistry, router: Router
) -> None:
    registry.apply(document("account_1", channel(1, 10)))
    with pytest.raises(NoChannel):
        router.decide(digest("t1"), 11)
    with pytest.raises(Unauthorized):
        router.decide(digest("guess"), 10)


@pytest.mark.parametrize(
    ("enabled", "phone", "crew", "because"),
    [
        (True, OWNER, "analytics", "the number is an owner's, and analytics is enabled"),
        (True, "+551199990000", "analytics", "the number is an owner's"),  # WhatsApp's spelling
        (False, OWNER, "sales", "the number is an owner's, but analytics is not enabled"),
        (True, "+5511999990001", "sales", "it is the channel's crew"),
        (True, "", "sales", "it is the channel's crew"),
    ],
)
def test_the_owner_reaches_the_owners_crew(
    registry: TenantRegistry, router: Router, enabled: bool, phone: str, crew: str, because: str
) -> None:
    crews = {"sales": {"enabled": True}, "analytics": {"enabled": enabled}}
    registry.apply(
        document("account_1", channel(1, 10, crew="sales", owner_phones=[OWNER]), crews=crews)
    )
    decision = router.decide(digest("t1"), 10, phone)
    assert decision.crew == crew
    assert because in decision.because


@pytest.mark.parametrize(
    ("kind", "source_id", "phone"),
    [
        ("Channel::Whatsapp", "5511999990000", OWNER),
        ("Channel::Sms", "+5511999990000", OWNER),
        ("Channel::TwilioSms", "whatsapp:+5511999990000", OWNER),
        ("Channel::TwilioSms", "+5511999990000", OWNER),
        # whatever a visitor typed into a web form, or a group, or nonsense, proves nothing
        ("Channel::WebWidget", "5511999990000", ""),
        ("Channel::Api", "+5511999990000", ""),
        ("Channel::Telegram", "5511999990000", ""),
        ("Channel::Whatsapp", "5511999990000-1600000000@g.us", ""),
        ("Channel::Whatsapp", "5511999990000\n", ""),
        ("Channel::Whatsapp", "BR.1234567890abc", ""),
        ("", "5511999990000", ""),
    ],
)
def test_only_a_channel_that_proves_the_number_counts(
    kind: str, source_id: str, phone: str
) -> None:
    assert proven_phone(kind, source_id) == phone


def test_numbers_are_told_apart() -> None:
    assert same_number("+551187654321", ["+5511987654321"])
    assert not same_number("+551132654321", ["+5511932654321"])  # a landline is no mobile
    assert not same_number("+5511987654321", ["+5521987654321"])
    assert not same_number("+14155550000", ["+1415555000"])


def test_the_table_knows_every_action_and_names_them() -> None:
    for action in ("generate_description", "generate_descriptions", "sync_products",
                   "reconcile_products", "search_products", "product_chosen",
                   "product_text"):  # fmt: skip
        assert crew_for("odoo", action) == "product_management"
    for action in ("sync_config", "get_config", "rotate_signing_key", "revoke_secrets"):
        assert crew_for("odoo", action) == "hub"
    with pytest.raises(Unprocessable, match=r"known: .*generate_description"):
        crew_for("odoo", "launch")


def test_a_crew_that_may_not_work_says_why() -> None:
    crews = {
        "sales": {"enabled": False},
        "marketplace": {"enabled": True},
        "product_management": {"enabled": True},
    }
    tenant = parse_tenant(tenant_document(crews=crews))
    sentence = r"^Crew sales is not enabled for account_id account_1\.$"
    with pytest.raises(CrewDisabled, match=sentence):
        require_enabled(tenant, "sales")
    with pytest.raises(CrewDisabled):
        require_enabled(tenant, "analytics")  # absent is not enabled
    with pytest.raises(CrewUnfit, match="marketplace cannot work yet"):
        require_enabled(tenant, "marketplace")
    require_enabled(tenant, "product_management")
    with pytest.raises(CrewUnfit, match="does not talk to people"):
        require_conversing(tenant, "product_management")


@contextmanager
def round_trips(store: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Counts what is sent to Redis, a pipeline as one."""
    sent: list[str] = []
    with monkeypatch.context() as patch:
        for owner, name in (
            (redis.Redis, "execute_command"),
            (redis.client.Pipeline, "execute"),
        ):
            real = getattr(owner, name)

            def counted(self: Any, *args: Any, real: Any = real, **named: Any) -> Any:
                sent.append(str(args[:1]))
                return real(self, *args, **named)

            patch.setattr(owner, name, counted)
        yield sent


def test_a_decision_among_a_thousand_tenants_takes_at_most_three_reads(
    registry: TenantRegistry, router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 1001):
        first = number * 10
        told = document(
            f"account_{number}",
            channel(first, first, url=f"https://c{number % 50}.example"),
            channel(first + 1, None, url=f"https://c{number % 50}.example"),
            channel(first + 2, None, account_id=2),
        )
        registry.publish(parse_tenant(told))
    assert len(registry.accounts()) == 1000
    for token, inbox in (("t5000", 5000), ("t5001", 77), ("t5000", None)):
        with round_trips(registry.store, monkeypatch) as sent:
            decision = router.decide(digest(token), inbox, OWNER)
        assert decision.tenant.account_id == "account_500"
        assert 0 < len(sent) <= 3


def test_the_command_explains_each_channel(
    registry: TenantRegistry, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    crews = {"customer_service": {"enabled": True}, "analytics": {"enabled": False}}
    registry.apply(
        document(
            "account_1",
            channel(1, 10, owner_phones=[OWNER]),
            channel(2, None, crew="sales"),
            channel(3, 10),
            crews=crews,
        )
    )
    assert command.run(settings, "routes", "account_1") == 0
    text = capsys.readouterr().out
    assert "odoo       generate_description     product_management" in text
    assert "→ customer_service, because this channel names the inbox" in text
    assert f"from {OWNER} → customer_service, because the number is an owner's, but" in text
    assert "→ people (crew sales is not enabled), because no channel names the inbox" in text
    assert "never used, because channel 1 names the same inbox" in text
    assert command.run(settings, "list", None) == 0
    assert "account_1" in capsys.readouterr().out


def test_an_edited_tree_is_published_by_the_command(
    registry: TenantRegistry, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    registry.apply(document("account_1"))
    file = registry.files.root / "domains/furniture/account_1/config.yaml"
    file.write_text(file.read_text().replace("Casa Teste", "Casa Editada"))
    assert command.run(settings, "publish", None) == 0
    assert registry.get("account_1").name == "Casa Editada"
    file.write_text("name: [")
    assert command.run(settings, "publish", None) == 1
    assert "NOT published" in capsys.readouterr().out
    assert registry.get("account_1").name == "Casa Editada"
