"""How products are designed: one file per design."""
