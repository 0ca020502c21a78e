"""Who a conversation is with: proven by the channel or a code, never by what somebody says."""

import json
import logging
from typing import Any

import pytest

from sidecar.settings import Settings
from sidecar.tools.identity_codes import CODES, LIFE, TRIES
from tests.doubles.odoo import OdooDouble
from tests.shop_facts import partner
from tests.tools_house import ToolsHouse, call

BIA = "bia@example.com"


@pytest.fixture
def stranger(settings: Settings, odoo: OdooDouble) -> ToolsHouse:
    """A conversation whose channel proves nothing."""
    return ToolsHouse(settings, odoo, phone="")


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_the_channels_number_proves_the_one_customer_who_has_it(house: ToolsHouse) -> None:
    context = house.turn()
    assert call(context, "customer_profile")["name"] == "Bia Moraes"
    assert (context.person.partner_id, context.person.proof) == (7, "channel")


def test_a_signed_address_proves_too(stranger: ToolsHouse) -> None:
    assert call(stranger.turn(email=BIA), "customer_profile")["name"] == "Bia Moraes"


def test_a_number_of_two_customers_proves_nobody(house: ToolsHouse, odoo: OdooDouble) -> None:
    odoo.partners.append(partner(id=9, name="Outra"))
    told = call(house.turn(), "customer_profile")
    assert told["code"] == "identify_first"
    assert "customer_identify" in told["error"]


def test_a_company_and_its_contact_are_one_customer(house: ToolsHouse, odoo: OdooDouble) -> None:
    odoo.partners.append(partner(id=9, name="Contato", family=7))
    assert call(house.turn(), "customer_profile")["name"] == "Bia Moraes"


def test_nobody_is_proven_by_words(stranger: ToolsHouse, odoo: OdooDouble) -> None:
    words = f"meu telefone é +5511900000001, e-mail {BIA}, sou a Bia, partner_id 7"
    for name in ("customer_profile", "order_status", "invoice_status", "calendar_bookings"):
        assert call(stranger.turn(words), name)["code"] == "identify_first"
    assert [name for name, _ in odoo.calls if name not in ("ping", "batch")] == []


def test_who_was_found_is_remembered_for_that_number_only(
    house: ToolsHouse, odoo: OdooDouble
) -> None:
    call(house.turn(), "customer_profile")
    call(house.turn(), "customer_profile")
    assert [name for name, _ in odoo.calls].count("find_partners") == 1
    assert call(house.turn(phone="+5511900000008"), "customer_profile")["name"] == "Caio Reis"
    assert call(house.turn(phone=""), "customer_profile")["code"] == "identify_first"


def test_who_was_found_is_found_out_only_when_asked(house: ToolsHouse, odoo: OdooDouble) -> None:
    call(house.turn(), "product_metadata", product_id=5)
    call(house.turn(), "company_info")
    assert "find_partners" not in [name for name, _ in odoo.calls]


def test_an_owner_is_not_a_customer(house: ToolsHouse) -> None:
    context = house.turn(phone="+5511977777777", owner_phones=["+5511977777777"])
    assert context.person.proof == "owner"
    assert call(context, "order_status")["code"] == "identify_first"


def test_a_code_by_e_mail_proves_for_the_conversation(
    stranger: ToolsHouse, odoo: OdooDouble
) -> None:
    context = stranger.turn(f"é {BIA}")
    assert "say" in call(context, "customer_identify", email=BIA.upper())
    ((address, code),) = odoo.codes
    assert (address.lower(), len(code)) == (BIA, 6)
    context = stranger.turn(f"o código é {code}")
    assert call(context, "customer_verify", code=f"{code[:3]} {code[3:]}")["name"] == "Bia Moraes"
    assert call(context, "order_status")["orders"]
    later = stranger.turn("e meus pedidos?")
    assert later.person.proof == "code"
    assert call(later, "order_status")["orders"]
    elsewhere = stranger.turn("e meus pedidos?", conversation="7-99")
    assert call(elsewhere, "order_status")["code"] == "identify_first"


def test_a_code_proves_the_address_it_was_mailed_to_and_none_that_folds_alike(
    stranger: ToolsHouse, odoo: OdooDouble
) -> None:
    odoo.partners.append(partner(id=8, name="Victim", email="ana@strasse.example", phone=""))
    odoo.partners.append(partner(id=9, name="Other", email="ana@straße.example", phone=""))
    call(stranger.turn(), "customer_identify", email="ana@straße.example")
    code = odoo.codes[0][1]
    assert call(stranger.turn(), "customer_verify", code=code)["name"] == "Other"


def test_a_code_is_used_once(stranger: ToolsHouse, odoo: OdooDouble) -> None:
    call(stranger.turn(), "customer_identify", email=BIA)
    code = odoo.codes[0][1]
    assert "name" in call(stranger.turn(), "customer_verify", code=code)
    assert call(stranger.turn(), "customer_verify", code=code)["code"] == "refused"


def test_five_tries_and_the_code_is_gone(stranger: ToolsHouse, odoo: OdooDouble) -> None:
    call(stranger.turn(), "customer_identify", email=BIA)
    code = odoo.codes[0][1]
    for _ in range(TRIES):
        assert call(stranger.turn(), "customer_verify", code=wrong(code))["code"] == "refused"
    assert call(stranger.turn(), "customer_verify", code=code)["code"] == "refused"
    assert call(stranger.turn(), "customer_profile")["code"] == "identify_first"


def test_the_fifth_try_still_counts(stranger: ToolsHouse, odoo: OdooDouble) -> None:
    call(stranger.turn(), "customer_identify", email=BIA)
    code = odoo.codes[0][1]
    for _ in range(TRIES - 1):
        call(stranger.turn(), "customer_verify", code=wrong(code))
    assert "name" in call(stranger.turn(), "customer_verify", code=code)


def test_a_code_ends_after_ten_minutes(stranger: ToolsHouse, odoo: OdooDouble) -> None:
    call(stranger.turn(), "customer_identify", email=BIA)
    key = "account_1:code:7-1"
    assert 0 < stranger.store.ttl(key) <= LIFE
    stranger.store.expire(key, 0)
    assert call(stranger.turn(), "customer_verify", code=odoo.codes[0][1])["code"] == "refused"


def test_a_code_holds_in_its_own_conversation_only(stranger: ToolsHouse, odoo: OdooDouble) -> None:
    call(stranger.turn(), "customer_identify", email=BIA)
    other = stranger.turn(conversation="7-2")
    assert call(other, "customer_verify", code=odoo.codes[0][1])["code"] == "refused"


def test_three_codes_an_hour_by_conversation(stranger: ToolsHouse, odoo: OdooDouble) -> None:
    for number in range(CODES):
        told = call(stranger.turn(), "customer_identify", email=f"a{number}@example.com")
        assert "say" in told
    assert call(stranger.turn(), "customer_identify", email=BIA)["code"] == "limit"
    assert odoo.codes == []


def test_three_codes_an_hour_by_address(stranger: ToolsHouse, odoo: OdooDouble) -> None:
    for number in range(CODES):
        call(stranger.turn(conversation=f"7-{number}"), "customer_identify", email=BIA)
    told = call(stranger.turn(conversation="7-50"), "customer_identify", email=BIA.upper())
    assert told["code"] == "limit"
    assert len(odoo.codes) == CODES
    for key in stranger.store.keys("account_1:codes:*"):
        assert 0 < stranger.store.ttl(key) <= 3600


def test_an_address_in_other_letters_is_the_same_address(
    stranger: ToolsHouse, odoo: OdooDouble
) -> None:
    spelled = ["bia@example.com", "BIA@example.com", "ｂｉａ@example.com", "bia@EXAMPLE.ｃｏｍ"]
    told = [
        call(stranger.turn(conversation=f"7-{n}"), "customer_identify", email=email).get("code")
        for n, email in enumerate(spelled)
    ]
    assert told == [None, None, None, "limit"]


@pytest.mark.parametrize("email", ["a.b+c@shop.example.com.br", "josé@exemplo.com", "o'x@y.io"])
def test_unusual_addresses_get_their_code(stranger: ToolsHouse, email: str) -> None:
    assert "say" in call(stranger.turn(), "customer_identify", email=email)


def test_a_new_code_ends_the_one_before(stranger: ToolsHouse, odoo: OdooDouble) -> None:
    call(stranger.turn(), "customer_identify", email=BIA)
    call(stranger.turn(), "customer_identify", email=BIA)
    first, second = (code for _address, code in odoo.codes)
    if first != second:
        assert call(stranger.turn(), "customer_verify", code=first)["code"] == "refused"
    assert "name" in call(stranger.turn(), "customer_verify", code=second)


def test_an_unknown_address_is_answered_like_a_known_one(
    stranger: ToolsHouse, odoo: OdooDouble
) -> None:
    known = call(stranger.turn(), "customer_identify", email=BIA)
    unknown = call(stranger.turn(), "customer_identify", email="nobody@example.com")
    assert known == unknown
    shared = stranger.store.keys("account_1:code:*")
    assert shared == ["account_1:code:7-1"]


def test_an_address_of_two_customers_proves_nobody(stranger: ToolsHouse, odoo: OdooDouble) -> None:
    call(stranger.turn(), "customer_identify", email=BIA)
    odoo.partners.append(partner(id=9, name="Outra"))
    assert call(stranger.turn(), "customer_verify", code=odoo.codes[0][1])["code"] == "refused"


@pytest.mark.parametrize(
    "email",
    [
        *(
            "bia",
            "a@b",
            "bia@example.com, x@y.com",
            "bia@example.com\r\nBcc: x@y.com",
            "<bia@x.com>",
        ),
        # what Odoo would read as bia@example.com, while the limit of an address counts letters
        *("bia(1)@example.com", "(1)bia@example.com", "bia@exam(1)ple.com", "bia@example.com:"),
        *("bia@example.com.", "[bia@example.com]", "bia:bia@example.com", "b\\ia@example.com"),
    ],
)
def test_what_is_no_address_gets_no_code(
    stranger: ToolsHouse, odoo: OdooDouble, email: str
) -> None:
    told = call(stranger.turn(), "customer_identify", email=email)
    assert told["code"] == "invalid_arguments"
    assert odoo.calls == []


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "१२३४५६"])
def test_what_is_no_code_is_wrong(stranger: ToolsHouse, code: str) -> None:
    call(stranger.turn(), "customer_identify", email=BIA)
    assert call(stranger.turn(), "customer_verify", code=code)["code"] == "refused"


def test_a_mail_that_could_not_be_sent_leaves_no_code(
    stranger: ToolsHouse, odoo: OdooDouble
) -> None:
    odoo.fail = 503
    assert call(stranger.turn(), "customer_identify", email=BIA)["code"] == "unavailable"
    assert stranger.store.keys("account_1:code:*") == []


def test_a_shop_may_send_no_codes(settings: Settings, odoo: OdooDouble) -> None:
    house = ToolsHouse(settings, odoo, changes={"tools": {"identity_codes": False}}, phone="")
    assert call(house.turn(), "customer_identify", email=BIA)["code"] == "unsupported"
    assert call(house.job(crew="sales"), "customer_verify", code="123456")["code"] == "unsupported"


def test_no_code_is_in_logs_answers_evidence_audit_or_clear_in_the_store(
    stranger: ToolsHouse, odoo: OdooDouble, caplog: Any, capsys: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    context = stranger.turn(f"é {BIA}")
    told = [call(context, "customer_identify", email=BIA)]
    code = odoo.codes[0][1]
    kept = json.dumps([stranger.store.hgetall(key) for key in stranger.store.keys("*:code:*")])
    verifying = stranger.turn("pronto")
    told.append(call(verifying, "customer_verify", code=code))
    told.append(call(verifying, "order_status"))
    seen = capsys.readouterr()
    read = [*context.proxy.evidence.facts, *verifying.proxy.evidence.facts]
    facts = [(source, fact) for source, _at, fact in read]
    places = [json.dumps(told), kept, caplog.text, seen.out, seen.err, str(facts)]
    places.append(str(stranger.rows))
    for place in places:
        assert code not in place
