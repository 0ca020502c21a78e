"""What the two demo shops say to their customers (TOML files here), and its loader.

The shops themselves are another addon's; nothing happens where that one is not installed.
"""

import base64
import tomllib
from datetime import timedelta
from pathlib import Path

from odoo import fields
from odoo.fields import Command

FOLDER = Path(__file__).parent
SHOPS = ("casa_ipe", "luma")
SHOPS_MODULE = "ai_demo_shops"
QUIET = {"mail_create_nolog": True, "mail_notrack": True, "tracking_disable": True}


def read_demo(shop):
    """Return the demo of `shop`: profile, hours, exception, rule, scheduling, document."""
    data = tomllib.loads((FOLDER / f"{shop}.toml").read_text(encoding="utf-8"))
    return {**data, "shop": shop}


def load_demo(env, company, data):
    """Give `company` the profile and rules of `data`; run again, add only what is missing.

    Dates are counted from today, so that something is in force whenever the demo is loaded.
    """
    env = env(context={**env.context, **QUIET, "allowed_company_ids": company.ids})
    profile = env["ai.company.profile"]._ensure(company)
    if not profile:
        return
    if not profile.hour_ids:
        _load_profile(profile, data)
    _load_rules(profile, data)
    _load_scheduling(profile, data)
    _load_documents(profile, data)


def _load_profile(profile, data):
    today = fields.Date.context_today(profile)
    profile.write(
        {
            **data["profile"],
            "hour_ids": [
                Command.create({**day, "weekday": str(day["weekday"])}) for day in data["hours"]
            ],
            "exception_ids": [
                Command.create(
                    {
                        **{name: value for name, value in day.items() if name != "month_day"},
                        "date_from": _next_date(today, day["month_day"]),
                    }
                )
                for day in data["exception"]
            ],
        }
    )


def _next_date(today, month_day):
    """Return the next date with this "MM-DD", today included."""
    month, day = map(int, month_day.split("-"))
    this_year = today.replace(month=month, day=day)
    return this_year if this_year >= today else this_year.replace(year=today.year + 1)


def _load_rules(profile, data):
    env, shop = profile.env, data["shop"]
    today = fields.Date.context_today(profile)
    methods = {method.code: method.id for method in env["ai.payment.method"].search([])}
    for rule in _missing(profile.with_context(active_test=False).rule_ids, data["rule"]):
        products = _ids(env, shop, "product", rule.get("products", ()))
        categories = _ids(env, shop, "category", rule.get("categories", ()))
        if (rule.get("products") or rule.get("categories")) and not (products or categories):
            # What it is about is gone: without it the rule would be one for everything.
            continue
        values = {
            **rule.get("values", {}),
            "profile_id": profile.id,
            "template_key": rule["key"],
            "name": rule["name"],
            "text": rule.get("text", "").strip() or False,
            "kind": rule["kind"],
            "product_ids": [Command.set(products)],
            "category_ids": [Command.set(categories)],
            "payment_method_ids": [
                Command.set([methods[code] for code in rule.get("payment_methods", ())])
            ],
        }
        if "from_days" in rule:
            values["date_from"] = today + timedelta(days=rule["from_days"])
            values["date_to"] = today + timedelta(days=rule["to_days"])
        env["ai.business.rule"].create(values)


def _load_scheduling(profile, data):
    env = profile.env
    services = _missing(profile.with_context(active_test=False).scheduling_ids, data["scheduling"])
    for service in services:
        users = _ids(env, data["shop"], "user", service.get("users", ()))
        env["ai.scheduling.rule"].create(
            {
                **service["values"],
                "profile_id": profile.id,
                "template_key": service["key"],
                "name": service["name"],
                "user_ids": [Command.set(users)],
            }
        )


def _load_documents(profile, data):
    known = set(profile.with_context(active_test=False).document_ids.mapped("filename"))
    for document in data["document"]:
        if document["file"] in known:
            continue
        content = (FOLDER / document["file"]).read_bytes()
        profile.env["ai.support.document"].create(
            {
                "profile_id": profile.id,
                "name": document["name"],
                "kind": document["kind"],
                "filename": document["file"],
                "file": base64.b64encode(content),
            }
        )._read_file()


def _missing(records, entries):
    known = set(records.mapped("template_key"))
    return [entry for entry in entries if entry["key"] not in known]


def _ids(env, shop, kind, names):
    """Return the ids of the shop's records that are (still) there."""
    found = (
        env.ref(f"{SHOPS_MODULE}.{shop}_{kind}_{name}", raise_if_not_found=False) for name in names
    )
    return [record.id for record in found if record]
