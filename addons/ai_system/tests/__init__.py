from . import (
    test_engines,
    test_facade,
    test_integration_user,
    test_job_results,
    test_sender,
    test_tenant,
    test_translations,
)
