"""Why a turn went where it went is told in the tenant's language, and in English to operators."""

import pytest

from sidecar.hub import because
from sidecar.hub.because import Because, owners, passed_on
from sidecar.hub.choosing import Chosen, choose
from sidecar.hub.routing import crew_of
from sidecar.hub.silence import Talk
from sidecar.hub.turn import Case
from sidecar.tenants.schema import parse_tenant
from tests.documents import tenant_document

REASONS = [
    *(value for value in vars(because).values() if isinstance(value, Because)),
    *(owners("sales", enabled) for enabled in (True, False)),
    passed_on("sales"),
]


@pytest.mark.parametrize("language", ["pt_BR", "es_MX"])
@pytest.mark.parametrize("reason", REASONS, ids=str)
def test_each_reason_is_said_in_the_tenants_language(reason: Because, language: str) -> None:
    said = reason.said(language)
    assert said != str(reason) == reason.said("en_US")
    assert ("sales" in said) is ("sales" in str(reason))
    assert "%(" not in said + str(reason)


def test_a_menu_that_is_not_answered_is_told_in_portuguese() -> None:
    tenant = parse_tenant(tenant_document(language="pt_BR"))
    channel = tenant.channels[0]
    crew, why = crew_of(tenant, channel, "")
    case = Case(None, tenant, channel, "7-1", None)  # type: ignore[arg-type]
    chosen = choose(case, Chosen(crew, "tem sofá?", Talk(), why))
    assert chosen.because.said(tenant.language) == "é a crew do canal"
