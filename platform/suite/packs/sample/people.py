"""Branches, departments, employees and the users of the sample company."""

from __future__ import annotations

from dataclasses import dataclass

TITLE = "禾岳精機股份有限公司"

BRANCHES = [
    # code, name, kind, legal name, tax number, address, phone
    ("HQ", "新竹總公司", "office", TITLE, "99000018", "新竹市東區光復路二段 188 號", "03-571-6600"),
    (
        "SZ",
        "苏州分公司",
        "office",
        "禾岳精密机械（苏州）有限公司",
        "91320594MA9X99TLXD",
        "江苏省苏州市工业园区星湖街 328 号",
        "0512-6287-1900",
    ),
]

DEPARTMENTS = [
    # code, name, parent, branch
    ("MGT", "管理部", "", "HQ"),
    ("S", "業務處", "", "HQ"),
    ("S1", "業務一部", "S", "HQ"),
    ("S2", "業務二部", "S", "HQ"),
    ("SZS", "苏州销售部", "S", "SZ"),
    ("P", "採購部", "", "HQ"),
    ("W", "倉儲部", "", "HQ"),
    ("SZW", "苏州仓储部", "W", "SZ"),
    ("F", "財務部", "", "HQ"),
]

WAREHOUSES = [
    # code, name, branch
    ("MAIN", "新竹總倉", "HQ"),
    ("TC", "台中發貨倉", "HQ"),
    ("SZ", "苏州仓", "SZ"),
]


@dataclass(frozen=True, slots=True)
class Person:
    """An employee, and the user with its roles where there is one.

    ``shown``: the user by whom the demo is entered in that role; its password is printed.
    """

    number: str
    name: str
    latin: str
    title: str
    department: str
    manager: str
    username: str
    roles: str
    shown: bool
    language: str
    hired: str


_ROWS = """
E001|何岳峰|Ho Yueh-feng|總經理|MGT||manager*|manager|2009-06-01
E002|周雅婷|Chou Ya-ting|業務協理|S|E001|sales_lead*|sales_lead|2012-09-03
E003|陳冠宇|Chen Kuan-yu|業務工程師|S1|E002|sales*|sales|2017-04-10
E004|林怡君|Lin Yi-chun|業務專員|S1|E002|yichun.lin|sales|2019-07-01
E005|王柏翰|Wang Po-han|業務工程師|S2|E002|pohan.wang|sales|2018-02-22
E006|張欣怡|Chang Hsin-yi|外銷專員|S2|E002|hsinyi.chang|sales|2020-08-17
E007|陆晓峰|Lu Xiaofeng|销售经理|SZS|E002|xiaofeng.lu|sales|2018-05-07
E008|沈佳|Shen Jia|销售代表|SZS|E007|jia.shen|sales|2021-03-15
E009|吳承翰|Wu Cheng-han|採購主任|P|E001|purchasing*|purchasing|2015-11-02
E010|黃志明|Huang Chih-ming|倉儲組長|W|E001|warehouse*|warehouse|2013-01-21
E011|林志豪|Lin Chih-hao|財務經理|F|E001|accountant*|accountant|2014-05-05
E012|許雅雯|Hsu Ya-wen|會計|F|E011|yawen.hsu|accountant|2019-10-14
E013|江佩蓉|Chiang Pei-jung|物控專員|W|E010|peijung.chiang|warehouse purchasing|2020-03-09
E014|劉建宏|Liu Chien-hung|台中倉管理員|W|E010|chienhung.liu|warehouse|2018-11-19
E015|顾斌|Gu Bin|仓库主管|SZW|E010|bin.gu|warehouse purchasing|2019-04-08
E016|謝佩珊|Hsieh Pei-shan|總經理特助|MGT|E001|viewer*|viewer|2022-02-14
"""  # * is the user by whom the demo is entered in that role; its password is printed


def _person(row: str) -> Person:
    number, name, latin, title, department, manager, username, roles, hired = row.split("|")
    language = "zh-hans" if department.startswith("SZ") else "zh-hant"
    shown = username.endswith("*")
    username = username.rstrip("*")
    return Person(number, name, latin, title, department, manager, username, roles, shown, language, hired)


PEOPLE = [_person(row) for row in _ROWS.strip().splitlines()]
LEAD, CONTROLLER, BOOKKEEPER, BUYER = "E002", "E011", "E012", "E013"
KEEPERS = {"MAIN": "E010", "TC": "E014", "SZ": "E015"}  # who ships from a warehouse
RECEIVERS = {"MAIN": "E013", "TC": "E013", "SZ": "E015"}  # who takes goods in, and sees what they cost
BY_NUMBER = {p.number: p for p in PEOPLE}
