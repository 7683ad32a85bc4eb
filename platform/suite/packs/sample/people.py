"""Branches, departments, employees and the users of the sample company."""

from __future__ import annotations

from dataclasses import dataclass

TITLE = "禾岳精機股份有限公司"

BRANCHES = [
    # code, name, kind, legal name, tax number, address, phone
    ("HQ", "新竹總公司", "office", TITLE, "24536806", "新竹市東區光復路二段 188 號", "03-571-6600"),
    (
        "SZ",
        "苏州分公司",
        "office",
        "禾岳精密机械（苏州）有限公司",
        "",
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
    ("F", "財務部", "", "HQ"),
]


@dataclass(frozen=True, slots=True)
class Person:
    """An employee, and the user with its role where there is one."""

    number: str
    name: str
    latin: str
    title: str
    department: str
    manager: str = ""
    username: str = ""
    role: str = ""
    language: str = "zh-hant"


PEOPLE = [
    Person("E001", "何岳峰", "Ho Yueh-feng", "總經理", "MGT", username="manager", role="manager"),
    Person("E002", "周雅婷", "Chou Ya-ting", "業務協理", "S", "E001", "sales_lead", "sales_lead"),
    Person("E003", "陳冠宇", "Chen Kuan-yu", "業務工程師", "S1", "E002", "sales", "sales"),
    Person("E004", "林怡君", "Lin Yi-chun", "業務專員", "S1", "E002"),
    Person("E005", "王柏翰", "Wang Po-han", "業務工程師", "S2", "E002"),
    Person("E006", "張欣怡", "Chang Hsin-yi", "外銷專員", "S2", "E002"),
    Person("E007", "陆晓峰", "Lu Xiaofeng", "销售经理", "SZS", "E002", language="zh-hans"),
    Person("E008", "沈佳", "Shen Jia", "销售代表", "SZS", "E007", language="zh-hans"),
    Person("E009", "吳承翰", "Wu Cheng-han", "採購主任", "P", "E001", "purchasing", "purchasing"),
    Person("E010", "黃志明", "Huang Chih-ming", "倉儲組長", "W", "E001", "warehouse", "warehouse"),
    Person("E011", "林志豪", "Lin Chih-hao", "財務經理", "F", "E001", "accountant", "accountant"),
    Person("E012", "許雅雯", "Hsu Ya-wen", "會計", "F", "E011", "viewer", "viewer"),
]
SELLERS = ("E003", "E004", "E005", "E006", "E007", "E008")
