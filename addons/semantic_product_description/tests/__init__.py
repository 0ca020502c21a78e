from . import test_description
