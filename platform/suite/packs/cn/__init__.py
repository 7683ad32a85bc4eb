"""Mainland China: accounts of the 企业会计准则, VAT of 13, 9, 6 and 3 %, rounded per line of the invoice.

Rates after 财政部 税务总局 海关总署公告 2019 年第 39 号; 3 % is the levy rate of small-scale taxpayers.
"""

from __future__ import annotations

from suite.packs.contents import MoneyAccount, Names, Pack, Tax, TaxRule

PACK = Pack(
    country="cn",
    roles={
        "receivable": "1122",
        "payable": "2202",
        "customer_advance": "2203",
        "supplier_advance": "1123",
        "revenue": "6001",
        "freight_income": "605101",
        "sales_returns": "6001",  # a red invoice lowers revenue itself
        "output_tax": "22210102",
        "input_tax": "22210101",
        "stock": "1405",
        "cost_of_sales": "6401",
        "stock_difference": "640101",
        "goods_received": "220201",
        "opening_balance": "4999",
        "money": "1002",
        "discount": "660301",
        "write_off": "6721",
        "exchange": "6061",
        "retained_earnings": "410401",
    },
    class_roles={("stock", "raw"): "1403"},
    money=(
        MoneyAccount("BANK", Names("Bank", "銀行", "银行"), "bank", "1002"),
        MoneyAccount("CASH", Names("Cash", "現金", "现金"), "cash", "1001"),
    ),
    taxes=(
        Tax("VAT13", Names("VAT 13%", "增值稅 13%", "增值税 13%"), "0.13", register_code="13%"),
        Tax("VAT9", Names("VAT 9%", "增值稅 9%", "增值税 9%"), "0.09", register_code="9%"),
        Tax("VAT6", Names("VAT 6%", "增值稅 6%", "增值税 6%"), "0.06", register_code="6%"),
        Tax("VAT3", Names("VAT 3%", "增值稅 3%", "增值税 3%"), "0.03", register_code="3%"),
        Tax("VAT0", Names("VAT 0%", "增值稅 0%", "增值税 0%"), "0", "zero", "0%"),
        Tax("VATE", Names("VAT exempt", "免增值稅", "免征增值税"), "0", "exempt", "免税"),
    ),
    tax_rules=(
        TaxRule(Names("General rate", "一般稅率", "一般税率"), ("VAT13",)),
        TaxRule(Names("Reduced rate", "低稅率", "低税率"), ("VAT9",), product_class="reduced"),
        TaxRule(Names("Services", "服務", "服务"), ("VAT6",), product_class="service"),
        TaxRule(Names("Levy rate", "徵收率", "征收率"), ("VAT3",), product_class="levy"),
        TaxRule(Names("Exempt product", "免稅品項", "免税商品"), ("VATE",), product_class="exempt"),
        TaxRule(Names("Small-scale supplier", "小規模納稅人", "小规模纳税人"), ("VAT3",), "small", side="buy"),
        TaxRule(Names("Exported", "出口", "出口"), ("VAT0",), party_class="export", side="sell"),
        TaxRule(Names("Exempt party", "免稅對象", "免税对象"), ("VATE",), party_class="exempt"),
    ),
    tax_rounding="line",
    headings=frozenset({"2221", "222101"}),
)
