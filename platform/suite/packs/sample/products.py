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


@dataclass(frozen=True, slots=True)
class Family:
    """Products that differ by size: patterns of their names (``{s}`` the size, of screws ``{d}`` and ``{lead}``)."""

    code: str
    name: str
    english: str
    simplified: str
    specification: str
    category: str
    factor: str  # of the price that stands beside the size
    share: str  # of the price, what it costs
    supplier: int
    weight: int

    def item(self, size: str, price: int, n: int) -> Item:
        """The product of a size; ``n`` makes its barcode."""
        fill = {"s": size, "d": size[:2], "lead": size[2:].lstrip("0")}
        asked = (Decimal(price) * Decimal(self.factor)).quantize(Decimal(1))
        return Item(
            self.code.format(**fill),
            self.name.format(**fill),
            self.english.format(**fill),
            self.simplified.format(**fill),
            self.specification,
            self.category,
            asked,
            (asked * Decimal(self.share) * COST_LEVEL).quantize(Decimal(1)),
            self.supplier,
            weight=self.weight,
            barcode=_ean13(471_002_400_000 + n),
        )


_FAMILIES: list[tuple[list[tuple[str, int]], tuple[Family, ...]]] = [
    (_GUIDES, (
        Family("LG-{s}H-640", "線性滑軌組 {s}H", "Linear guide set {s}H", "直线导轨组 {s}H",
               "重負荷，L640，C3 預壓", "LIN", "2.4", "0.62", 5, 6),
        Family("LG-{s}W-640", "線性滑軌組 {s}W", "Linear guide set {s}W", "直线导轨组 {s}W",
               "寬幅，L640，C3 預壓", "LIN", "2.832", "0.62", 5, 2),
        Family("LB-{s}", "滑塊 {s}", "Carriage {s}", "滑块 {s}", "法蘭型，含防塵片", "LIN", "0.75", "0.60", 5, 4),
    )),
    (_SCREWS, (
        Family("BS-{s}-C5", "滾珠螺桿 Ø{d} 導程 {lead}", "Ball screw Ø{d} lead {lead}", "滚珠丝杠 Ø{d} 导程 {lead}",
               "C5 級研磨，L520", "SCR", "1", "0.66", 2, 5),
        Family("BS-{s}-C7", "轉造螺桿 Ø{d} 導程 {lead}", "Rolled screw Ø{d} lead {lead}", "轧制丝杠 Ø{d} 导程 {lead}",
               "C7 級，L520", "SCR", "0.58", "0.64", 2, 3),
    )),
    (_MOTORS, (
        Family("SM-{s}", "伺服馬達 {s} W", "Servo motor {s} W", "伺服电机 {s} W",
               "23 位元編碼器", "MOT", "1", "0.71", 7, 4),
        Family("SM-{s}-AB", "伺服馬達 {s} W 附煞車", "Servo motor {s} W with brake", "伺服电机 {s} W 带抱闸",
               "23 位元編碼器，附煞車", "MOT", "1.22", "0.73", 7, 3),
        Family("SD-{s}", "伺服驅動器 {s} W", "Servo drive {s} W", "伺服驱动器 {s} W",
               "EtherCAT", "MOT", "0.9", "0.70", 7, 4),
    )),
    (_COUPLINGS, (
        Family("CP-{s}", "膜片聯軸器 {s} 號", "Disc coupling size {s}", "膜片联轴器 {s} 号",
               "鋁合金", "CPL", "1", "0.55", 9, 5),
    )),
    (_BEARINGS, (
        Family("{s}", "螺桿支撐座 {s}", "Support unit {s}", "丝杠支撑座 {s}", "含角接觸軸承", "CPL", "1", "0.58", 1, 4),
    )),
]  # fmt: skip


def items() -> Iterator[Item]:
    """All products, in a fixed order."""
    goods = [(f, size, price) for sizes, families in _FAMILIES for size, price in sizes for f in families]
    for code, name, english, simplified, price in _ACCESSORIES:
        supplier = 4 if code == "BX-M" else 10
        goods.append((Family(code, name, english, simplified, "", "ACC", "1", "0.52", supplier, 3), "", price))
    for n, (family, size, price) in enumerate(goods, start=1):
        yield family.item(size, price, n)
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


def _ean13(base: int) -> str:
    digits = [int(c) for c in f"{base:012}"]
    check = (10 - sum(d * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10) % 10
    return f"{base:012}{check}"
