"""Rules of the demo companies and of the templates as facts (docs/rules.md), read from their TOML.

Sentences are composed here after the model of Odoo's, in Portuguese and English; ids count from 1
in each company and kind, so companies share ids on purpose.
"""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

_ADDON = Path(__file__).parent.parent / "addons/business_rules"
ZONE = ZoneInfo("America/Sao_Paulo")
TODAY = date(2026, 11, 25)  # a Wednesday: day 0 of the demo
TEMPORARY = {"promotion", "discount", "seasonal", "event", "holiday"}
_CATEGORIES = {
    "sofas": "Sala / Sofás",
    "mattresses": "Quarto / Colchões",
    "beds": "Quarto / Camas",
    "dining_tables": "Sala de jantar / Mesas de jantar",
    "decor": "Decoração",
    "tools": "Brushes & Tools",
    "serums": "Skin Care / Serums",
    "gifts": "Gift Sets",
    "sun_care": "Sun Care",
}
_METHODS = {
    "pt": {
        "pix": "PIX", "cash": "dinheiro", "credit_card": "cartão de crédito",
        "debit_card": "cartão de débito", "boleto": "boleto", "bank_transfer": "transferência",
        "meal_voucher": "vale-refeição",
    },
    "en": {
        "credit_card": "credit card", "debit_card": "debit card", "gift_card": "gift card",
        "digital_wallet": "digital wallet", "cash": "cash", "pix": "PIX",
    },
}  # fmt: skip


def fact(**changes: Any) -> dict[str, Any]:
    """One rule's facts; `changes` replace keys."""
    return {
        "kind": "rule", "id": 5, "group": "permanent", "subkind": "return", "title": "Trocas",
        "sentence": "Trocas são aceitas em até 7 dias do recebimento.", "text": "",
        "priority": "normal", "valid_from": False, "valid_to": False,
        "structure": {"return": {"days": 7, "conditions": ""}, "currency": "BRL"}, "products": [],
        "categories": [], "chunks": [], "write_date": "2026-11-25 09:00:00", **changes,
    }  # fmt: skip


def shop_facts(shop: str, language: str) -> dict[str, dict[str, Any]]:
    """All facts of a demo company (`casa_ipe`, `luma`) by the key of its file."""
    data = tomllib.loads((_ADDON / f"demo/{shop}.toml").read_text("utf-8"))
    found = {
        rule["key"]: _rule(number, rule, language) for number, rule in enumerate(data["rule"], 1)
    }
    for number, service in enumerate(data["scheduling"], 1):
        found[service["key"]] = _scheduling(number, service["name"], service["values"], language)
    for number, document in enumerate(data["document"], 1):
        text = (_ADDON / "demo" / document["file"]).read_text("utf-8")
        chunks = [{"page": 1, "text": text}]
        found[document["file"]] = fact(
            kind="document", id=number, group="document", subkind=document["kind"],
            title=document["name"], sentence="", structure={}, chunks=chunks,
        )  # fmt: skip
    hours = (
        "Segunda-feira a sexta-feira: 09:00–12:00 e 13:00–18:00\nSábado: 09:00–14:00\nDomingo: "
        "fechado"
    )
    found["profile"] = fact(
        kind="profile", id=1, group="profile", subkind="profile", title=shop, structure={},
        sentence=hours, text="\n".join(
            str(data["profile"].get(key, "")) for key in ("description", "brand_values", "website")
        ),
    )  # fmt: skip
    return found


def template_facts(area: str, language: str) -> dict[str, dict[str, Any]]:
    """All facts of a template (`clinic`) in `pt_BR` or `en`, by key."""
    data = tomllib.loads((_ADDON / f"templates/{area}.toml").read_text("utf-8"))
    found = {}
    for number, entry in enumerate(data["rule"], 1):
        told = {**entry, **entry[language]}
        if entry["kind"] == "scheduling":
            found[entry["key"]] = _scheduling(
                number, told["name"], {**entry["values"], **told}, language[:2]
            )
        else:
            if conditions := told.get("conditions"):
                told["values"] = {**told.get("values", {}), "conditions": conditions}
            if entry["kind"] in TEMPORARY:
                told = {"from_days": -1, "to_days": 5} | told
            found[entry["key"]] = _rule(number, told, language[:2])
    return found


def hours_facts() -> dict[str, Any]:
    """The hours of a profile as `company_profile` tells them: Casa Ipê's."""
    day = [["09:00", "12:00"], ["13:00", "18:00"]]
    week = [{"weekday": d, "windows": day} for d in range(5)]
    week += [{"weekday": 5, "windows": [["09:00", "14:00"]]}, {"weekday": 6, "windows": []}]
    return {
        "known": True,
        "week": week,
        "exceptions": [
            {"date": "2026-12-24", "name": "Véspera de Natal", "windows": [["09:00", "13:00"]]},
            {"date": "2026-12-25", "name": "Natal", "windows": []},
        ],
        "text": "Segunda-feira a sexta-feira: 09:00–12:00 e 13:00–18:00\nSábado: 09:00–14:00\n"
        "Domingo: fechado",
    }


def profile_facts(**changes: Any) -> dict[str, Any]:
    """A profile as `company_profile` tells it; `changes` replace keys."""
    return {
        "id": 1, "name": "Casa Ipê", "description": "Loja de móveis de madeira.", "values": "",
        "business_area": "retail", "language": "pt_BR", "timezone": "America/Sao_Paulo",
        "currency": "BRL", "address": "Rua dos Pinheiros, 100", "links": [],
        "texts": {
            "greeting": "Olá! Aqui é da Casa Ipê. Em que posso ajudar?",
            "farewell": "Obrigado pelo contato!", "rating_request": "",
        },
        "style": {"tone": "friendly", "voice": "calm", "formality": "formal", "emoji": "none"},
        "promotions": {"announce_at_start": False, "suggest_when_selling": True},
        "services": {"sales": True, "scheduling": True, "delivery": True, "support": True},
        "hours": hours_facts(), "write_date": "2026-11-25 09:00:00", **changes,
    }  # fmt: skip


def _rule(number: int, rule: dict[str, Any], language: str) -> dict[str, Any]:
    values, kind = rule.get("values", {}), rule["kind"]
    temporary = kind in TEMPORARY
    subject = values.get("replaces", kind) if temporary else kind
    categories = [_CATEGORIES[name] for name in rule.get("categories", ())]
    structure: dict[str, Any] = {}
    sentences: list[str] = []
    pt = language == "pt"
    if subject == "delivery":
        structure["delivery"] = _delivery(values)
        sentences += _delivery_sentences(structure["delivery"], pt)
    elif subject == "payment":
        names = [_METHODS[language].get(m, m) for m in rule.get("payment_methods", ())]
        structure["payment"] = {
            "methods": rule.get("payment_methods", []),
            "pix_discount": values.get("pix_discount", 0.0),
            "installments_max": values.get("installments_max", 0),
            "installments_free": values.get("installments_free", 0),
            "installment_min": values.get("installment_min", 0.0),
            "cash_change": values.get("cash_change", False),
        }
        sentences += _payment_sentences(structure["payment"], names, pt)
    elif subject == "return":
        days = values.get("return_days", 0)
        structure["return"] = {"days": days, "conditions": values.get("conditions", "")}
        text = "Trocas são aceitas em até {} dias do recebimento."
        sentences.append((text if pt else "Returns are accepted within {} days.").format(days))
    elif subject == "warranty":
        months = values.get("warranty_months", 0)
        structure["warranty"] = {"months": months, "conditions": values.get("conditions", "")}
        text = "A garantia é de {} meses." if pt else "The warranty is {} months."
        sentences.append(text.format(months))
    if values.get("conditions"):
        sentences.append(values["conditions"] + ".")
    if temporary and values.get("discount_kind"):
        structure["promotion"] = {
            "kind": values["discount_kind"],
            "percent": values.get("discount_percent", 0.0),
            "amount": values.get("discount_amount", 0.0),
            "coupon": values.get("coupon", ""),
            "minimum": values.get("minimum_purchase", 0.0),
        }
        sentences.append(_discount(structure["promotion"], categories, pt))
    if structure:
        structure["currency"] = "BRL" if pt else "USD"
    if values.get("replaces"):
        structure["replaces"] = values["replaces"]
    return fact(
        id=number, group="temporary" if temporary else "permanent", subkind=kind,
        title=rule["name"], sentence=" ".join(sentences), text=rule.get("text", ""),
        priority=values.get("priority", "normal"), structure=structure, categories=categories,
        valid_from=_midnight(rule["from_days"]) if temporary else False,
        valid_to=_midnight(rule["to_days"] + 1) if temporary else False,
    )  # fmt: skip


def _scheduling(number: int, name: str, values: dict[str, Any], language: str) -> dict[str, Any]:
    information = values.get("information", "").split("\n")
    told = {
        "pt": "{0}: {1} minutos, com hora marcada. Cancelamento: {2} Remarcação: {3} Tenha em mãos:"
        " {4}.",
        "en": "{0}: {1} minutes, by appointment. Cancelling: {2} Rescheduling: {3} Please have"
        " ready: {4}.",
    }[language]
    return fact(
        kind="scheduling", id=number, group="scheduling", subkind=values["service"], title=name,
        sentence=told.format(
            name, values["duration"], values.get("cancellation_policy", ""),
            values.get("rescheduling_policy", ""), ", ".join(information),
        ),
        structure={
            "scheduling": {
                "duration": values["duration"], "horizon_days": values["horizon_days"],
                "cancellation_policy": values.get("cancellation_policy", ""),
            }
        },
    )  # fmt: skip


def _delivery(values: dict[str, Any]) -> dict[str, Any]:
    listed = {
        name: [r.strip() for r in values.get(f"delivery_{name}", "").split(",") if r.strip()]
        for name in ("regions", "excluded")
    }
    return {
        "min": values.get("delivery_min", 0), "max": values.get("delivery_max", 0),
        "unit": values.get("delivery_unit", ""), "cost": values.get("delivery_cost", ""),
        "fee": values.get("delivery_fee", 0.0), "free_from": values.get("delivery_free_from", 0.0),
        **listed,
    }  # fmt: skip


def _delivery_sentences(told: dict[str, Any], pt: bool) -> list[str]:
    unit = {"working_days": "dias úteis" if pt else "working days"}.get(told["unit"], told["unit"])
    span = f"{told['min']} a {told['max']}" if pt else f"{told['min']} to {told['max']}"
    found = [f"A entrega leva {span} {unit}." if pt else f"Delivery takes {span} {unit}."]
    if told["cost"] == "free":
        found.append("A entrega é grátis." if pt else "Delivery is free.")
    elif told["cost"] == "quoted":
        found.append("O frete é orçado caso a caso." if pt else "The fee is quoted case by case.")
    elif pt:
        fee, free = f"{told['fee']:.2f}".replace(".", ","), f"{told['free_from']:.0f}"
        found.append(f"A entrega custa R$ {fee} e é grátis a partir de R$ {free}.")
    else:
        found.append(f"Delivery costs ${told['fee']} and is free from ${told['free_from']}.")
    if told["regions"]:
        start = "Entregamos em: " if pt else "We deliver to: "
        found.append(start + ", ".join(told["regions"]) + ".")
    if told["excluded"]:
        start = "Não entregamos em: " if pt else "We do not deliver to: "
        found.append(start + ", ".join(told["excluded"]) + ".")
    return found


def _payment_sentences(told: dict[str, Any], names: list[str], pt: bool) -> list[str]:
    found = [("Aceitamos " if pt else "We accept ") + ", ".join(names) + "."]
    if told["cash_change"]:
        found.append("Levamos troco para dinheiro." if pt else "We give change for cash.")
    if told["installments_max"] > 1:
        count, free = told["installments_max"], told["installments_free"]
        found.append(
            f"Em até {count} parcelas, até {free} delas sem juros." if pt
            else f"In up to {count} installments, up to {free} of them without interest."
        )  # fmt: skip
    if told["pix_discount"]:
        percent = f"{told['pix_discount']:g}"
        found.append(f"{percent}% de desconto no PIX." if pt else f"{percent}% off with PIX.")
    return found


def _discount(told: dict[str, Any], categories: list[str], pt: bool) -> str:
    off = f"{told['percent']:g}%" if told["kind"] == "percent" else f"R$ {told['amount']:.2f}"
    things = ", ".join(categories) or ("tudo" if pt else "everything")
    text = f"{off} de desconto em {things}" if pt else f"{off} off {things}"
    if told["coupon"]:
        text += f", com o cupom {told['coupon']}" if pt else f", with the coupon {told['coupon']}"
    if told["minimum"]:
        start = ", em compras a partir de R$ " if pt else ", on purchases from $"
        text += f"{start}{told['minimum']:.2f}"
    return text + "."


def _midnight(days: int) -> str:
    day = datetime.combine(TODAY + timedelta(days=days), time(), ZONE).astimezone(UTC)
    return f"{day:%Y-%m-%dT%H:%M:%S}Z"
