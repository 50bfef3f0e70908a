"""The market: its month, its mechanisms, its random streams, its books."""
