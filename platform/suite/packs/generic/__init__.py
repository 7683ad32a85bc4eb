"""Any other country: an IFRS-style chart of our own, the company's currency, no tax."""

from __future__ import annotations

from suite.packs.contents import MoneyAccount, Names, Pack

PACK = Pack(
    country="generic",
    roles={
        "receivable": "1100",
        "payable": "2100",
        "customer_advance": "2200",
        "supplier_advance": "1300",
        "revenue": "4100",
        "freight_income": "4300",
        "sales_returns": "4800",
        "output_tax": "2300",
        "input_tax": "1400",
        "stock": "1200",
        "cost_of_sales": "5100",
        "stock_difference": "5120",
        "goods_received": "2110",
        "opening_balance": "3900",
        "money": "1020",
        "discount": "4810",
        "write_off": "6400",
        "exchange": "4920",
        "retained_earnings": "3300",
    },
    class_roles={("revenue", "service"): "4200", ("cost_of_sales", "service"): "5110"},
    money=(
        MoneyAccount("BANK", Names("Bank", "銀行", "银行"), "bank", "1020"),
        MoneyAccount("CASH", Names("Cash", "現金", "现金"), "cash", "1010"),
    ),
)
