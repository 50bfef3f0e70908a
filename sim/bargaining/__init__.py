"""How the agency fee is set: one file per protocol."""
