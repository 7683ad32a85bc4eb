"""The ledger and money: accounts, vouchers, posting rules, receivables, receipts, the year's end.

``posting`` makes balanced vouchers by rules, ``items`` keeps what is open, ``settling`` is the arithmetic of paying it,
``receiving`` the receipt's life, ``closing`` the year's end. ``migrations/0002_guards`` is what the database refuses.
"""
