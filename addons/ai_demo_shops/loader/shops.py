from dataclasses import dataclass

from odoo.fields import Command

from .records import Records, picture, translate

ROLES = {
    # Salespeople write quotations and ask for descriptions, but cannot change products.
    "salesperson": (
        "base.group_user",
        "sales_team.group_sale_salesman",
        "ai_system.ai_system_group_user",
    ),
    "manager": (
        "base.group_user",
        "sales_team.group_sale_manager",
        "stock.group_stock_manager",
        "product.group_product_manager",
        "ai_system.ai_system_group_manager",
    ),
}


@dataclass(frozen=True)
class Place:
    """Where a shop's records go: its company, warehouse, sales team and users by key."""

    company: object
    warehouse: object
    team: object
    users: dict
    language: str


def load_shop(records: Records, shop):
    """Create the shop's company, warehouse, order sequence, users and team; return its Place."""
    env = records.env
    key, data = shop["key"], shop["company"]
    company = _load_company(records, key, data)
    warehouse = _load_warehouse(records, shop, company)
    # Orders are numbered per company; the sequence of Odoo is shared by all of them.
    sequence = {**shop["order_sequence"], "code": "sale.order", "padding": 5}
    records.ensure(
        env["ir.sequence"], {f"{key}_order_sequence": {**sequence, "company_id": company.id}}
    )
    users = _load_users(records, shop, company)
    team = _load_team(records, shop, company, users)
    return Place(company, warehouse, team, users, data["language"])


def load_tenant(records: Records, shop, place):
    """Create the shop's tenant, not yet connected, with its crews and the playground's channel."""
    key, data = shop["key"], dict(shop["tenant"])
    channel, crews = data.pop("channel"), data.pop("crew")
    tenants, new = records.ensure(
        records.env["ai.tenant"],
        {
            f"{key}_tenant": {
                **data,
                "company_id": place.company.id,
                "language": place.language,
                "timezone": shop["company"]["timezone"],
            }
        },
    )
    for tenant in new.values():
        _fill_crews(tenant, crews)
    values = {
        **channel,
        "url": "http://127.0.0.1:8005",
        "tenant_id": tenants[f"{key}_tenant"].id,
    }
    records.ensure(records.env["ai.channel"], {f"{key}_channel": values})


def _fill_crews(tenant, crews):
    """Give the crews, which every new tenant has, the shop's texts and agents."""
    tools = {tool.code: tool.id for tool in tenant.env["ai.tool"].search([])}
    for data in crews:
        crew = tenant.crew_ids.filtered(lambda crew, key=data["key"]: crew.key == key)
        agents = [
            Command.create(
                {
                    **{name: text for name, text in agent.items() if name != "tools"},
                    "tool_ids": [Command.set([tools[code] for code in agent["tools"]])],
                }
            )
            for agent in data["agent"]
        ]
        crew.write({"name": data["name"], "description": data["description"], "agent_ids": agents})


def load_customers(records: Records, shop, place):
    """Create the shop's customers; return {customer key: partner}."""
    country = records.env.ref(f"base.{shop['company']['country']}")
    states = _states(country)
    names = {f"{shop['key']}_customer_{data['key']}": data for data in shop["customer"]}
    partners, _new = records.ensure(
        records.env["res.partner"],
        {
            name: {
                "name": data["name"],
                "is_company": data.get("company", False),
                "phone": data["phone"],
                "email": data["email"],
                "street": data["street"],
                "city": data["city"],
                "state_id": states[data["state"]],
                "zip": data["zip"],
                "country_id": country.id,
                "company_id": place.company.id,
                "lang": place.language,
                "tz": shop["company"]["timezone"],
            }
            for name, data in names.items()
        },
    )
    return {data["key"]: partners[name] for name, data in names.items()}


def _load_company(records, key, data):
    env = records.env
    values = {
        "name": data["name"],
        "currency_id": env["res.currency"].search([("name", "=", data["currency"])]).id,
        "email": data["email"],
        "phone": data["phone"],
        "website": data["website"],
        "primary_color": data["color"],
        "logo": picture(f"logo/{key}"),
    }
    if "iap_enrich_auto_done" in env["res.company"]._fields:
        # Else partner_autocomplete, where installed, asks its web service about the new company.
        values["iap_enrich_auto_done"] = True
    companies, new = records.ensure(env["res.company"], {f"{key}_company": values})
    company = companies[f"{key}_company"]
    if new:
        country = env.ref(f"base.{data['country']}")
        # The country comes after the creation: a company born with one installs its accounting
        # localization, which the demo does not need.
        company.partner_id.write(
            {
                "street": data["street"],
                "street2": data["street2"],
                "city": data["city"],
                "zip": data["zip"],
                "state_id": _states(country)[data["state"]],
                "country_id": country.id,
                "lang": data["language"],
                "tz": data["timezone"],
            }
        )
        # The administrator looks after both shops.
        env.ref("base.user_admin").company_ids = [Command.link(company.id)]
    return company


def _load_warehouse(records, shop, company):
    name = f"{shop['key']}_warehouse"
    model = records.env["stock.warehouse"].with_company(company)
    # In tests a new company has a warehouse at once; elsewhere nobody makes it.
    existing = model.search([("company_id", "=", company.id)], limit=1)
    if existing and name not in records.find("stock.warehouse", [name]):
        existing.write(shop["warehouse"])
        records.name({name: existing})
    values = {**shop["warehouse"], "company_id": company.id, "partner_id": company.partner_id.id}
    warehouses, _new = records.ensure(model, {name: values})
    return warehouses[name]


def _load_users(records, shop, company):
    env = records.env
    names = {f"{shop['key']}_user_{data['key']}": data for data in shop["user"]}
    users, new = records.ensure(
        env["res.users"],
        {
            name: {
                "name": data["name"],
                "login": data["login"],
                "email": data["login"],
                "phone": data["phone"],
                "password": data["password"],
                "lang": shop["company"]["language"],
                "tz": shop["company"]["timezone"],
                "company_id": company.id,
                "company_ids": [Command.set(company.ids)],
                "group_ids": [Command.set([env.ref(xml_id).id for xml_id in ROLES[data["role"]]])],
            }
            for name, data in names.items()
        },
    )
    for user in new.values():
        # Odoo leaves the contacts of users without a company, visible to every shop.
        user.partner_id.company_id = company
    return {data["key"]: users[name] for name, data in names.items()}


def _load_team(records, shop, company, users):
    data = shop["team"]
    name = f"{shop['key']}_team"
    teams, new = records.ensure(
        records.env["crm.team"],
        {
            name: {
                "name": data.get("name_en", data["name"]),
                "company_id": company.id,
                "member_ids": [Command.set([user.id for user in users.values()])],
            }
        },
    )
    for team in new.values():
        translate(team, shop["company"]["language"], {"name": data["name"]})
    return teams[name]


def _states(country):
    return {state.code: state.id for state in country.state_ids}
