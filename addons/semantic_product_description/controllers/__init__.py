from . import provenance
