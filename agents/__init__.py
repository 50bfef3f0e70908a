"""Who acts in the market: bank, insurer, clerk, account manager, customers, supervisor."""
