"""Values: quantities, money, dates, texts – how each is parsed, stored, shown and rounded."""
