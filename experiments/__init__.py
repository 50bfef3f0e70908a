"""The command line and what it runs: thin shells over the library."""
