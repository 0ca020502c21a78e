from . import (
    test_attacks,
    test_invoices,
    test_orders,
    test_quotations,
    test_records,
    test_rights,
    test_taxes,
    test_translations,
    test_xmlrpc,
)
