"""Products, units, prices, taxes, exchange rates; ``rules`` is pure arithmetic, ``pricing`` and ``taxing`` feed it."""
