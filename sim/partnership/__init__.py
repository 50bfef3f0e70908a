"""Who works with whom, for how long, and what ties them: one file per form."""
