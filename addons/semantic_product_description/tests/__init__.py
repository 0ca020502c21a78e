from . import test_description, test_tours, test_translations
