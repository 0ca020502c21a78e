"""The main screens: where each is, and how it is seen that it is there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.e2e.conftest import Odoo


@dataclass(frozen=True)
class Shop:
    """Whose screens are shown, and in which language."""

    lang: str
    account_id: str
    number: int  # its account in the playground
    login: str
    password: str
    customer: str
    question: str
    unknown: str  # a question without an answer
    upset: str
    product: str  # one with a description
    search: str
    said: str  # what the model says to the question
    text: dict[str, Any]  # what it writes about the product


SHOPS = {
    "en_US": Shop(
        lang="en_US",
        account_id="account_2",
        number=2,
        login="noah@luma.example",
        password="noah-luma",
        customer="Emma",
        question="Do you have a serum with vitamin C?",
        said="Yes! Our Bright Morning Vitamin C Serum 15% is in stock. Shall I tell you more?",
        unknown="Do you repair lamps?",
        upset="I want to talk to a person, please",
        search="something for dry skin",
        product="Bright Morning",
        text={
            "short_description": "A vitamin C serum for the morning, in amber glass.",
            "description": "<p>15% L-ascorbic acid with vitamin E and ferulic acid, in"
            " amber glass. Four drops under sunscreen each morning.</p><p>A light tingle in the"
            " first days is normal.</p>",
            "key_features": ["15% L-ascorbic acid", "1% vitamin E", "0.5% ferulic acid"],
            "use_cases": ["Each morning, under sunscreen"],
            "tags": ["serum", "vitamin C", "vegan"],
            "seo_title": "Bright Morning Vitamin C Serum 15%",
            "meta_description": "Vitamin C serum with vitamin E and ferulic acid, in amber glass.",
            "image_alt": "Bright Morning Vitamin C Serum 15%",
        },
    ),
    "pt_BR": Shop(
        lang="pt_BR",
        account_id="account_1",
        number=1,
        login="rafael@casaipe.example",
        password="rafael-casaipe",
        customer="Camila",
        question="Vocês têm sofá de 3 lugares até R$ 3.000?",
        said="Temos, sim! O Sofá Ipanema 3 Lugares está disponível. Quer saber as medidas?",
        unknown="Vocês consertam lustres antigos?",
        upset="Quero falar com um atendente",
        search="sofá confortável para sala pequena",
        product="Sofá Copan",
        text={
            "short_description": "Sofá de linhas curvas, feito por encomenda na nossa marcenaria.",
            "description": "<p>Linhas curvas inspiradas no edifício Copan e 3 lugares em 225 cm de"
            " largura.</p><p>Você escolhe o tecido e a firmeza da espuma.</p>",
            "key_features": ["3 lugares em 225 cm", "Espuma D26, D28 ou D33", "Pronto em 45 dias"],
            "use_cases": ["Sala de estar"],
            "tags": ["sofá", "sob encomenda"],
            "seo_title": "Sofá Copan 3 Lugares Sob Encomenda",
            "meta_description": "Sofá de linhas curvas, feito por encomenda na nossa marcenaria.",
            "image_alt": "Sofá Copan 3 Lugares",
        },
    ),
}

Find = Callable[[Odoo, Shop], int]


def of_tenant(model: str, *more: list[object]) -> Find:
    """Finds the shop's first record of a model."""

    def find(odoo: Odoo, shop: Shop) -> int:
        domain = [["tenant_id", "=", odoo.tenant(shop.account_id)], *more]
        return odoo.call(model, "search", domain, limit=1, order="id")[0]

    return find


def of_profile(model: str, *more: list[object]) -> Find:
    """Finds the first record of the shop's company profile."""

    def find(odoo: Odoo, shop: Shop) -> int:
        profile = ["profile_id", "=", PROFILE_OF(odoo, shop)]
        return odoo.call(model, "search", [profile, *more], limit=1)[0]

    return find


def tenant(odoo: Odoo, shop: Shop) -> int:
    return odoo.tenant(shop.account_id)


def product(odoo: Odoo, shop: Shop) -> int:
    return odoo.product(shop.product)


def turn(odoo: Odoo, shop: Shop) -> int:
    """The newest turn that answered the shop's question."""
    domain = [["question", "=", shop.question], ["outcome", "=", "answered"]]
    return odoo.call("ai.conversation.turn", "search", domain, limit=1, order="id desc")[0]


def description(odoo: Odoo, shop: Shop) -> int:
    domain = [["product_tmpl_id", "=", product(odoo, shop)]]
    return odoo.call("product.ai.description", "search", domain, limit=1, order="id desc")[0]


@dataclass(frozen=True)
class Screen:
    """One screen. name: its picture's file. action: what opens it. record: in its form.

    wait: a selector that is there once it is. clicks: what is pressed then. types: whether the
    shop's search is typed. shows: what is scrolled to.
    """

    name: str
    action: str
    wait: str
    record: Find | None = None
    clicks: tuple[str, ...] = ()
    shows: str = ""
    types: bool = False


ROW = ".o_data_row"
VIEW = ".o_view_controller"
FORM = ".o_form_view .o_form_sheet"


def tab(name: str) -> str:
    return f".o_notebook .nav-link[name={name}]"


PROFILE = "business_rules.ai_company_profile_action"
TENANT = "ai_system.ai_tenant_action"
TURN = "ai_system.ai_conversation_turn_action"
TEXT = "semantic_product_description.product_ai_description_action"
PROFILE_OF = of_tenant("ai.company.profile")

SCREENS = (
    Screen("conversations", TURN, ROW),
    Screen("conversation", TURN, f"{FORM} .o_ai_bubble_customer", turn),
    Screen("conversation-trace", TURN, f"{FORM} .o_ai_bubble_customer", turn,
           shows="[name=trace_html]"),
    Screen("unanswered-questions", "ai_system.ai_conversation_gap_action", ROW),
    Screen("erasures", "ai_system.ai_contact_erasure_action", VIEW),
    Screen("company-profile", PROFILE, FORM, PROFILE_OF),
    Screen("service-settings", PROFILE, FORM, PROFILE_OF, (tab("service"),)),
    Screen("rules-and-promotions", PROFILE, FORM, PROFILE_OF, (tab("rules"),)),
    Screen("scheduling-rules", PROFILE, FORM, PROFILE_OF, (tab("scheduling"),)),
    Screen("support-documents", PROFILE, FORM, PROFILE_OF, (tab("documents"),)),
    Screen("active-rules", "business_rules.ai_business_rule_action_active", ".o_kanban_record"),
    Screen("business-rule", "business_rules.ai_business_rule_action_active", FORM,
           of_profile("ai.business.rule", ["discount_percent", ">", 0])),
    Screen("mass-management", "product_ai_mass_management.product_template_action_mass", ROW),
    Screen("bulk-runs", "product_ai_mass_management.ai_product_run_action", VIEW),
    Screen("ai-search", "ai_system.ai_product_search_action", ".o_ai_search_input", types=True),
    Screen("products-in-the-ai-system", "ai_system.ai_product_sync_action", ROW),
    Screen("product", "product.product_template_action", FORM, product, (tab("ai_description"),)),
    Screen("descriptions", TEXT, ROW),
    Screen("review", TEXT, ".o_ai_part", description),
    Screen("tenants", TENANT, ROW),
    Screen("tenant", TENANT, FORM, tenant),
    Screen("tenant-conversation", TENANT, FORM, tenant, (tab("conversation"),),
           shows=".tab-pane.active"),
    Screen("tenant-tools", TENANT, FORM, tenant, (tab("tools"),), shows=".tab-pane.active"),
    Screen("crews", "ai_system.ai_crew_action", ROW),
    Screen("crew", "ai_system.ai_crew_action", FORM,
           of_tenant("ai.crew", ["key", "=", "customer_service"])),
    Screen("channels", "ai_system.ai_channel_action", ROW),
    Screen("channel", "ai_system.ai_channel_action", FORM, of_tenant("ai.channel")),
    Screen("credentials", "ai_credentials_manager.ai_credential_action", ROW),
    Screen("credential", "ai_credentials_manager.ai_credential_action", FORM,
           of_tenant("ai.credential", ["platform", "=", "chatwoot"])),
    Screen("queue", "ai_system.ai_job_action", ROW),
    Screen("access-log", "ai_credentials_manager.ai_audit_log_action", ROW),
    Screen("mcp-keys", "ai_system.ai_mcp_key_action", VIEW),
    Screen("brand-voice", "semantic_product_description.ai_brand_voice_action", VIEW),
    Screen("glossary", "semantic_product_description.ai_glossary_term_action", VIEW),
    Screen("required-facts", "semantic_product_description.ai_required_fact_action", VIEW),
)  # fmt: skip
