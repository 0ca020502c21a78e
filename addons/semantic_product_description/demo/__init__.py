"""How the texts of the two demo shops sound and what they need (shops.toml), and its loader.

The shops themselves are another addon's; nothing happens where that one is not installed.
"""

import tomllib
from pathlib import Path

SHOPS_MODULE = "ai_demo_shops"
SOURCE = "en_US"


def load(env):
    """Give each demo shop voice, glossary and questions; run again, add only what is missing."""
    shops = tomllib.loads((Path(__file__).parent / "shops.toml").read_text(encoding="utf-8"))
    for shop, data in shops.items():
        company = env.ref(f"{SHOPS_MODULE}.{shop}_company", raise_if_not_found=False)
        if company:
            _load_shop(env, company, shop, data)


def _load_shop(env, company, shop, data):
    def category(key):
        xmlid = f"{SHOPS_MODULE}.{shop}_category_{key}"
        return env.ref(xmlid, raise_if_not_found=False) or env["product.category"]

    voices = env["ai.brand.voice"]
    if not voices.search_count([("company_id", "=", company.id)]):
        for voice in data["voice"]:
            place = category(voice.get("category"))
            if "category" in voice and not place:
                continue
            values = {name: value for name, value in voice.items() if name != "category"}
            voices.create({**values, "company_id": company.id, "categ_id": place.id})
    terms = env["ai.glossary.term"]
    if not terms.search_count([("company_id", "=", company.id)]):
        installed = dict(env["res.lang"].get_installed())
        terms.create(
            [
                {**term, "company_id": company.id}
                for term in data.get("term", [])
                if {term["source_language"], term["target_language"]} <= installed.keys()
            ]
        )
    _load_questions(env, company, data["question"], category)


def _load_questions(env, company, questions, category):
    facts = env["ai.required.fact"].with_context(lang=SOURCE)
    if facts.search_count([("company_id", "=", company.id)]):
        return
    portuguese = "pt_BR" in dict(env["res.lang"].get_installed())
    for sequence, data in enumerate(questions):
        fact = facts.create(
            {
                "company_id": company.id,
                "sequence": sequence,
                "name": data["name"],
                "code": data["code"],
                "question": data["question"],
                "category_ids": [category(key).id for key in data["categories"] if category(key)],
            }
        )
        if portuguese:
            told = {"name": data["name_pt"], "question": data["question_pt"]}
            fact.with_context(lang="pt_BR").write(told)
