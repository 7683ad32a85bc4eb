"""Categories and products of the sample company: families, each with its sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

CATEGORIES = [
    # code, 繁體, English, 简体
    ("LIN", "線性滑軌", "Linear guides", "直线导轨"),
    ("SCR", "滾珠螺桿", "Ball screws", "滚珠丝杠"),
    ("MOT", "伺服與驅動", "Servo and drives", "伺服与驱动"),
    ("CPL", "聯軸器與軸承", "Couplings and bearings", "联轴器与轴承"),
    ("ACC", "配件耗材", "Accessories", "配件耗材"),
    ("SVC", "服務", "Services", "服务"),
]


@dataclass(frozen=True, slots=True)
class Item:
    """A product: its names, price in TWD, cost share, supplier and how often it is ordered."""

    code: str
    name: str
    english: str
    simplified: str
    specification: str
    category: str
    price: Decimal
    cost: Decimal
    supplier: int
    unit: str = "piece"
    kind: str = "goods"
    weight: int = 3
    barcode: str = ""


COST_LEVEL = Decimal("0.93")  # of what the shares below say: the trade discounts of the suppliers
_GUIDES = [("15", 1_180), ("20", 1_650), ("25", 2_140), ("30", 2_980), ("35", 4_120)]
_SCREWS = [("1204", 2_450), ("1605", 3_620), ("2005", 4_380), ("2510", 5_960), ("3210", 8_150)]
_MOTORS = [("200", 6_800), ("400", 9_200), ("750", 14_200), ("1000", 18_900), ("1500", 25_600)]
_COUPLINGS = [("1", 240), ("2", 320), ("3", 460), ("5", 780)]
_BEARINGS = [("BK12", 690), ("BF12", 420), ("BK15", 860), ("BF15", 520), ("BK20", 1_240)]
_ACCESSORIES = [
    ("GR-400", "鋰基潤滑脂 400 g", "Lithium grease 400 g", "锂基润滑脂 400 g", 180),
    ("NZ-04", "注油嘴 M4（10 入）", "Grease nipple M4 (10 pcs)", "注油嘴 M4（10 只）", 95),
    ("CV-2000", "風琴防塵罩 2 m", "Bellows cover 2 m", "风琴防护罩 2 m", 1_350),
    ("CH-2550", "拖鏈 25×50，1 m", "Cable chain 25×50, 1 m", "拖链 25×50，1 m", 620),
    ("LS-12", "近接開關 M12", "Proximity switch M12", "接近开关 M12", 340),
    ("CB-ENC5", "編碼器線 5 m", "Encoder cable 5 m", "编码器线 5 m", 760),
    ("CB-PWR5", "動力線 5 m", "Power cable 5 m", "动力线 5 m", 690),
    ("BX-M", "木箱（中）", "Wooden crate (medium)", "木箱（中）", 900),
]


def items() -> Iterator[Item]:
    """All products, in a fixed order."""
    n = 0

    def item(
        code: str,
        name: str,
        english: str,
        simplified: str,
        spec: str,
        category: str,
        price: int,
        share: str,
        supplier: int,
        weight: int,
    ) -> Item:
        nonlocal n
        n += 1
        cost = (Decimal(price) * Decimal(share) * COST_LEVEL).quantize(Decimal(1))
        return Item(
            code,
            name,
            english,
            simplified,
            spec,
            category,
            Decimal(price),
            cost,
            supplier,
            weight=weight,
            barcode=_ean13(471_002_400_000 + n),
        )

    for size, price in _GUIDES:
        for kind, word, plus in (("H", "重負荷", "1"), ("W", "寬幅", "1.18")):
            yield item(
                f"LG-{size}{kind}-640",
                f"線性滑軌組 {size}{kind}",
                f"Linear guide set {size}{kind}",
                f"直线导轨组 {size}{kind}",
                f"{word}，L640，C3 預壓",
                "LIN",
                _times(price, "2.4", plus),
                "0.62",
                5,
                6 if kind == "H" else 2,
            )
        yield item(
            f"LB-{size}",
            f"滑塊 {size}",
            f"Carriage {size}",
            f"滑块 {size}",
            "法蘭型，含防塵片",
            "LIN",
            _times(price, "0.75"),
            "0.60",
            5,
            4,
        )
    for size, price in _SCREWS:
        yield item(
            f"BS-{size}-C5",
            f"滾珠螺桿 Ø{size[:2]} 導程 {int(size[2:])}",
            f"Ball screw Ø{size[:2]} lead {int(size[2:])}",
            f"滚珠丝杠 Ø{size[:2]} 导程 {int(size[2:])}",
            "C5 級研磨，L520",
            "SCR",
            price,
            "0.66",
            2,
            5,
        )
        yield item(
            f"BS-{size}-C7",
            f"轉造螺桿 Ø{size[:2]} 導程 {int(size[2:])}",
            f"Rolled screw Ø{size[:2]} lead {int(size[2:])}",
            f"轧制丝杠 Ø{size[:2]} 导程 {int(size[2:])}",
            "C7 級，L520",
            "SCR",
            _times(price, "0.58"),
            "0.64",
            2,
            3,
        )
    for watt, price in _MOTORS:
        yield item(
            f"SM-{watt}",
            f"伺服馬達 {watt} W",
            f"Servo motor {watt} W",
            f"伺服电机 {watt} W",
            "23 位元編碼器",
            "MOT",
            price,
            "0.71",
            7,
            4,
        )
        yield item(
            f"SM-{watt}-AB",
            f"伺服馬達 {watt} W 附煞車",
            f"Servo motor {watt} W with brake",
            f"伺服电机 {watt} W 带抱闸",
            "23 位元編碼器，附煞車",
            "MOT",
            _times(price, "1.22"),
            "0.73",
            7,
            3,
        )
        yield item(
            f"SD-{watt}",
            f"伺服驅動器 {watt} W",
            f"Servo drive {watt} W",
            f"伺服驱动器 {watt} W",
            "EtherCAT",
            "MOT",
            _times(price, "0.9"),
            "0.70",
            7,
            4,
        )
    for size, price in _COUPLINGS:
        yield item(
            f"CP-{size}",
            f"膜片聯軸器 {size} 號",
            f"Disc coupling size {size}",
            f"膜片联轴器 {size} 号",
            "鋁合金",
            "CPL",
            price,
            "0.55",
            9,
            5,
        )
    for code, price in _BEARINGS:
        yield item(
            code,
            f"螺桿支撐座 {code}",
            f"Support unit {code}",
            f"丝杠支撑座 {code}",
            "含角接觸軸承",
            "CPL",
            price,
            "0.58",
            1,
            4,
        )
    for code, name, english, simplified, price in _ACCESSORIES:
        yield item(code, name, english, simplified, "", "ACC", price, "0.52", 4 if code == "BX-M" else 10, 3)
    yield Item(
        "SV-INST",
        "現場安裝調校（天）",
        "On-site installation (day)",
        "现场安装调试（天）",
        "兩人一組",
        "SVC",
        Decimal(12_000),
        Decimal(0),
        0,
        kind="service",
        weight=1,
    )
    yield Item(
        "SV-CUT",
        "滑軌裁切加工",
        "Rail cutting",
        "导轨切割加工",
        "每刀",
        "SVC",
        Decimal(150),
        Decimal(0),
        0,
        kind="service",
        weight=2,
    )


def _times(price: int, *factors: str) -> int:
    value = Decimal(price)
    for factor in factors:
        value *= Decimal(factor)
    return int(value.quantize(Decimal(1)))


def _ean13(base: int) -> str:
    digits = [int(c) for c in f"{base:012}"]
    check = (10 - sum(d * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10) % 10
    return f"{base:012}{check}"
