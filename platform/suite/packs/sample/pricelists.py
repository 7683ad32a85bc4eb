"""Price lists: by grade and quantity at home, a list a currency abroad, promises to single customers."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from kontor.values.days import add_months
from suite.packs.sample.parties import CUSTOMERS, Firm
from suite.packs.sample.products import CATEGORIES, Item, items

# list → currency, TWD for one unit when it was reckoned, surcharge, step to which prices are rounded
ABROAD = {
    "RMB": ("CNY", "4.40", "1.08", "1"),
    "EXPORT": ("USD", "31.9", "1.10", "0.5"),
    "EXPORT-JPY": ("JPY", "0.212", "1.10", "10"),
}
_NAMES = {"RMB": "大陆人民币价目表", "EXPORT": "Export price list USD", "EXPORT-JPY": "輸出価格表（円）"}
_OFF = {"A": "0.10", "B": "0.06", "C": "0.02"}  # off the list price before the prices were raised
_LATER = {"A": "0.08", "B": "0.045", "C": "0.01"}
_BY_QUANTITY = (("20", "0.03"), ("60", "0.05"))  # more, from so many pieces


def grade_of(firm: Firm) -> str:
    """What price rules call the customer: its grade at home, its list abroad."""
    if firm.country == "TW":
        return ""
    return {"CNY": "RMB", "JPY": "EXPORT-JPY"}.get(firm.currency, "EXPORT")


def lists(begin: dt.date, product: dict[str, Any], customer: list[Any]) -> list[dict[str, Any]]:
    """The data of all price lists of the story that begins on ``begin``."""
    goods = [i for i in items() if i.price]
    raised = add_months(begin, 14)
    return [
        _list("TW", "國內經銷價", "TWD", _home(_OFF, begin, raised - dt.timedelta(days=1))),
        _list("TW-2", "國內經銷價（調整後）", "TWD", _home(_LATER, raised, None)),
        *(
            _list(f"{name}", _NAMES[name], ABROAD[name][0], [r for i in goods for r in _abroad(name, i, product)])
            for name in ABROAD
        ),
        _list("SPRING", "線性滑軌季節促銷", "TWD", _campaign(add_months(begin, 15), product)),
        _list("KEY", "重點客戶專案價", "TWD", _promised(begin, product, customer)),
    ]


def _list(code: str, name: str, currency: str, rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {"code": code, "name": name, "currency": currency, "rules": rules}


def _home(off: dict[str, str], start: dt.date, end: dt.date | None) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    span = {"valid_from": str(start), **({"valid_to": str(end)} if end else {})}
    for grade, share in off.items():
        out.append({"grade": grade, "kind": "percent", "discount": share, **span})
        for code, *_names in CATEGORIES:
            if code != "SVC":
                rule = {"grade": grade, "category": code, "kind": "percent", **span}
                out += [
                    {**rule, "quantity_from": n, "discount": str(Decimal(share) + Decimal(more))}
                    for n, more in _BY_QUANTITY
                ]
    return out


def _abroad(name: str, item: Item, product: dict[str, Any]) -> list[dict[str, Any]]:
    price, step = foreign(name, item), Decimal(ABROAD[name][3])
    rule = {"product": str(product[item.code]), "grade": name, "kind": "fixed"}
    rungs = [("0", "0"), *(_BY_QUANTITY if item.kind == "goods" else ())]
    return [
        {**rule, "quantity_from": n, "price": str(_rounded(price * (1 - Decimal(more)), step))} for n, more in rungs
    ]


def foreign(name: str, item: Item) -> Decimal:
    """The price of an item on a list abroad, for one piece."""
    _currency, rate, more, step = ABROAD[name]
    return _rounded(item.price / Decimal(rate) * Decimal(more), Decimal(step))


def _rounded(price: Decimal, step: Decimal) -> Decimal:
    return max((price / step).quantize(Decimal(1), ROUND_HALF_UP) * step, step)


def _campaign(start: dt.date, product: dict[str, Any]) -> list[dict[str, Any]]:
    end = start + dt.timedelta(days=60)
    return [
        {
            "product": str(product[code]),
            "grade": grade,
            "kind": "percent",
            "discount": "0.15",
            "valid_from": str(start),
            "valid_to": str(end),
        }
        for code in ("LG-20H-640", "LG-25H-640", "LB-20", "LB-25")
        for grade in _OFF
    ]


def _promised(begin: dt.date, product: dict[str, Any], customer: list[Any]) -> list[dict[str, Any]]:
    by_name = {firm.english: customer[n] for n, firm in enumerate(CUSTOMERS)}
    dingyao, jieyao = by_name["Dingyao Automation"], by_name["Jieyao Semiconductor Equipment"]
    price = {i.code: i.price for i in items()}
    # a ladder, too, for who has one: the more of these in one order, the less each
    ladder = {
        "product": str(product["CP-5"]),
        "party": str(jieyao),
        "kind": "ladder",
        "steps": [{"from": "0", "price": "702"}, {"from": "50", "price": "678"}, {"from": "100", "price": "655"}],
        "valid_from": str(begin),
    }
    fixed = [
        {
            "product": str(product[code]),
            "party": str(dingyao),
            "kind": "fixed",
            "price": str(_rounded(price[code] * Decimal("0.86"), Decimal(10))),
            "valid_from": str(begin),
        }
        for code in ("SM-750", "SD-750", "BS-1605-C5")
    ]
    contract = {"category": "MOT", "party": str(jieyao), "kind": "percent", "discount": "0.11"}
    return [*fixed, ladder, {**contract, "valid_from": str(add_months(begin, 6))}]
