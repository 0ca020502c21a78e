from . import demo


def post_init_hook(env):
    """Give the demo shops their voice, where the addon with the shops is installed."""
    demo.load(env)
