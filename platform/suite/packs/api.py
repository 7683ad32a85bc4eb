"""Country packs: chart of accounts, taxes, terms, units and habits of a country."""

from __future__ import annotations

from django.utils import translation

from kontor.configuration.api import is_set, put
from kontor.configuration.kept import forget
from kontor.context import Context
from kontor.fields import api as fields
from suite.catalog import api as catalog
from suite.finance import api as finance
from suite.finance.api import AccountRow, ChartPack, JournalRow, MoneyAccountRow
from suite.inventory import api as inventory
from suite.packs import cn, everywhere, generic, tw
from suite.packs.contents import Names, Pack

PACKS: dict[str, Pack] = {"tw": tw.PACK, "cn": cn.PACK}
_OPEN = frozenset({"receivable", "payable", "customer_advance", "supplier_advance"})
_JOURNALS = (
    ("JV", "general", Names("General journal", "普通日記簿", "记账凭证")),
    ("SA", "sales", Names("Sales journal", "銷貨簿", "销售日记账")),
    ("PU", "purchase", Names("Purchase journal", "進貨簿", "采购日记账")),
    ("CA", "cash", Names("Cash journal", "現金簿", "收付款日记账")),
    ("ST", "stock", Names("Stock journal", "存貨簿", "存货日记账")),
    ("CL", "closing", Names("Year-end", "年結", "年结")),
)


def pack_of(country: str) -> Pack:
    """The pack of a country by its two letters; the generic one where it has none."""
    return PACKS.get(country.lower(), generic.PACK)


def install(ctx: Context, country: str) -> None:
    """Bring in what a company of the country needs on its first day; what is there already stays.

    Runs in the transaction that founds the company, a few statements a table.
    """
    with translation.override(ctx.language):  # what comes with a name gets it in the company's language
        _install(ctx, pack_of(country))


def _install(ctx: Context, pack: Pack) -> None:
    if not is_set("catalog.tax_rounding"):
        put({"catalog.tax_rounding": pack.tax_rounding})
        forget(ctx, "settings")
    _terms(ctx, pack)
    catalog.install(
        ctx,
        units=[catalog.UnitRow(u.code, u.names.of(ctx.language), u.dimension, *u.factor) for u in everywhere.UNITS],
        taxes=[catalog.TaxRow(t.code, t.names.of(ctx.language), t.rate, t.kind, t.register_code) for t in pack.taxes],
        tax_rules=[
            catalog.TaxRuleRow(r.names.of(ctx.language), r.taxes, r.party_class, r.product_class, r.side)
            for r in pack.tax_rules
        ],
    )
    finance.install_chart(ctx, chart_of(pack, ctx))
    inventory.install(ctx)


def chart_of(pack: Pack, ctx: Context) -> ChartPack:
    """The pack's ledger in the form that finance installs, named in the company's language."""
    open_codes = {code for role, code in pack.roles.items() if role in _OPEN}
    return ChartPack(
        accounts=[
            AccountRow(
                code=a.code,
                name=a.name(ctx.language),
                names=a.names,
                kind=a.kind,
                subkind=a.line,
                postable=a.code not in pack.headings,
                open_item=a.code in open_codes,
            )
            for a in pack.accounts
        ],
        roles=pack.roles,
        journals=[JournalRow(code, names.of(ctx.language), kind) for code, kind, names in _JOURNALS],
        money_accounts=[
            MoneyAccountRow(m.code, m.names.of(ctx.language), m.kind, ctx.currency, m.account) for m in pack.money
        ],
        class_roles=pack.class_roles,
    )


def _terms(ctx: Context, pack: Pack) -> None:
    rows = [(t.code, t.names.of(ctx.language), dict(t.payload)) for t in (*everywhere.TERMS, *pack.terms)]
    fields.ensure_many("payment_term", rows)
