import logging
import time
from importlib import import_module

from .. import catalog
from .products import load_products, load_taxonomy
from .records import Records
from .sales import load_orders
from .shared import load_shared
from .shops import load_customers, load_shop, load_tenant

_logger = logging.getLogger(__name__)

# Portuguese mails, log notes and invitations would only slow the installation down.
QUIET = {
    "lang": "en_US",
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_notrack": True,
    "no_reset_password": True,
    "tracking_disable": True,
}


def post_init_hook(env):
    """Create both shops and the records of nobody; run again, add only what is missing."""
    started = time.monotonic()
    env = env(context={**env.context, **QUIET})
    shops = [catalog.read_shop(key) for key in catalog.SHOPS]
    _activate_languages_and_currencies(env, shops)
    # The setting "Variants": without it nobody sees the attributes of the products.
    env.ref("base.group_user")._apply_group(env.ref("product.group_product_variant"))
    records = Records(env)
    warehouses = []
    for shop in shops:
        place = load_shop(records, shop)
        load_tenant(records, shop, place)
        customers = load_customers(records, shop, place)
        taxonomy = load_taxonomy(records, shop)
        variants = load_products(records, shop, place, taxonomy)
        load_orders(records, shop, place, customers, variants)
        warehouses.append(place.warehouse)
    load_shared(records, catalog.read_shared(), warehouses)
    _load_rules(env)
    _load_studio(env)
    _logger.info("Demo shops loaded in %.1f s", time.monotonic() - started)


def _load_rules(env):
    """Have the rules of the shops loaded, where their addon was installed before this one."""
    if "ai.company.profile" in env:
        import_module("odoo.addons.business_rules.hooks").post_init_hook(env)


def _load_studio(env):
    """The same for how the texts of the shops sound."""
    if "ai.brand.voice" in env:
        import_module("odoo.addons.semantic_product_description.hooks").post_init_hook(env)


def _activate_languages_and_currencies(env, shops):
    languages = {shop["company"]["language"] for shop in shops}
    installed = {code for code, _name in env["res.lang"].get_installed()}
    for code in sorted(languages - installed):
        # Unlike _activate_lang this also loads the translations of the addons installed so far.
        env["res.lang"]._activate_and_install_lang(code)
    codes = [shop["company"]["currency"] for shop in shops]
    currencies = env["res.currency"].with_context(active_test=False).search([("name", "in", codes)])
    currencies.filtered(lambda currency: not currency.active).active = True
