"""Who finds violations, and how: one file per regime."""
