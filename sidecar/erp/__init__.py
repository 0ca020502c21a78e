"""ERPs behind one interface."""
