"""Taiwan: IFRS chart of the profit-seeking enterprise, business tax of 5 %, rounded per invoice.

Tax kinds of the uniform invoice (課稅別): 1 taxable, 2 zero rate, 3 exempt.
Value-added and Non-value-added Business Tax Act, articles 7 (zero rate), 8 (exempt), 10 (rate).
"""

from __future__ import annotations

from suite.packs.contents import MoneyAccount, Names, Pack, Tax, TaxRule

PACK = Pack(
    country="tw",
    roles={
        "receivable": "1156",
        "payable": "2171",
        "customer_advance": "2141",
        "supplier_advance": "1411",
        "revenue": "4111",
        "freight_income": "4881",
        "sales_returns": "4711",
        "output_tax": "2281",
        "input_tax": "1481",
        "stock": "1310",
        "cost_of_sales": "5101",
        "stock_difference": "5111",
        "goods_received": "2172",
        "opening_balance": "3999",
        "money": "1100",
        "discount": "4821",
        "write_off": "6791",
        "exchange": "7181",
        "retained_earnings": "3300",
    },
    class_roles={("revenue", "service"): "4171", ("cost_of_sales", "service"): "5501"},
    money=(
        MoneyAccount("BANK", Names("Bank", "銀行", "银行"), "bank", "1100"),
        MoneyAccount("CASH", Names("Cash", "現金", "现金"), "cash", "1101"),
    ),
    taxes=(
        Tax("TX5", Names("Business tax 5%", "應稅 5%", "应税 5%"), "0.05", register_code="1"),
        Tax("TX0", Names("Zero rate", "零稅率", "零税率"), "0", "zero", "2"),
        Tax("TXE", Names("Exempt", "免稅", "免税"), "0", "exempt", "3"),
    ),
    tax_rules=(
        TaxRule(Names("Business tax", "一般應稅", "一般应税"), ("TX5",)),
        TaxRule(Names("Exported", "外銷", "外销"), ("TX0",), party_class="export", side="sell"),
        TaxRule(Names("Exempt party", "免稅對象", "免税对象"), ("TXE",), party_class="exempt"),
        TaxRule(Names("Exempt product", "免稅品項", "免税商品"), ("TXE",), product_class="exempt"),
        TaxRule(Names("Zero-rate product", "零稅率品項", "零税率商品"), ("TX0",), product_class="zero"),
    ),
    tax_rounding="document",
)
