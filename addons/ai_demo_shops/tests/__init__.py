from . import test_catalog, test_hook, test_isolation, test_orders, test_products, test_users
