from tests.sales import trade

def test_chain(ctx):
    p = trade.goods(ctx, stock="10")
    o = trade.confirmed(ctx, (p, "3"))
    assert o.state == "confirmed", o.state
    d = trade.shipped(ctx, o)
    assert d.number
    i = trade.invoiced(ctx, trade.fresh(o))
    print(d.number, i.number, i.total, i.tax, trade.ledger())
    o = trade.fresh(o)
    assert (o.state, o.delivery_state, o.invoice_state) == ("closed", "all", "all")
