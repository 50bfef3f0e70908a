"""Whether and how firms revise their strategy: one file per rule."""
