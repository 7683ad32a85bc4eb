"""Stock: places, moves, reservations, cost.

``planning`` and ``reserving`` promise goods, ``drawing`` makes operations of what is planned, ``completing`` moves them
with cost and voucher, ``reversing`` takes it back. ``rules`` and ``costbook`` are pure; ``locks`` locks in order.
"""
