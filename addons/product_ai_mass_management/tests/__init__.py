from . import (
    test_badges,
    test_price,
    test_rules,
    test_run_kinds,
    test_run_steering,
    test_run_texts,
    test_tours,
    test_translations,
)
