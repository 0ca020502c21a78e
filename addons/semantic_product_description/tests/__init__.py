from . import (
    test_brief,
    test_demo,
    test_description,
    test_engines,
    test_live,
    test_pictures,
    test_provenance,
    test_review,
    test_tours,
    test_translations,
)
