from . import demo


def post_init_hook(env):
    """Give the demo shops their rules, where the addon with the shops is installed."""
    for shop in demo.SHOPS:
        company = env.ref(f"ai_demo_shops.{shop}_company", raise_if_not_found=False)
        if company:
            demo.load_demo(env, company, demo.read_demo(shop))
