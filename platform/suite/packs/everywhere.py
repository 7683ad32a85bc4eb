"""What every company needs, whatever its country: units of measure and payment terms."""

from __future__ import annotations

from suite.packs.contents import Names, Term, Unit

UNITS: tuple[Unit, ...] = (
    Unit("piece", Names("piece", "個", "个")),
    Unit("dozen", Names("dozen", "打", "打"), factor=(12, 1)),
    Unit("pair", Names("pair", "雙", "双"), factor=(2, 1)),
    Unit("hundred", Names("hundred", "百個", "百个"), factor=(100, 1)),
    Unit("thousand", Names("thousand", "千個", "千个"), factor=(1000, 1)),
    # How many pieces a set, box, carton, bottle or roll holds is the product's affair.
    Unit("set", Names("set", "組", "套")),
    Unit("box", Names("box", "盒", "盒")),
    Unit("carton", Names("carton", "箱", "箱")),
    Unit("bottle", Names("bottle", "瓶", "瓶")),
    Unit("roll", Names("roll", "卷", "卷")),
    Unit("g", Names("gram", "公克", "克"), "mass"),
    Unit("kg", Names("kilogram", "公斤", "千克"), "mass", (1000, 1)),
    Unit("t", Names("tonne", "公噸", "吨"), "mass", (1_000_000, 1)),
    Unit("catty", Names("catty (600 g)", "台斤", "台斤"), "mass", (600, 1)),
    Unit("jin", Names("jin (500 g)", "市斤", "市斤"), "mass", (500, 1)),
    Unit("lb", Names("pound", "磅", "磅"), "mass", (45_359_237, 100_000)),
    Unit("mm", Names("millimetre", "公釐", "毫米"), "length"),
    Unit("cm", Names("centimetre", "公分", "厘米"), "length", (10, 1)),
    Unit("m", Names("metre", "公尺", "米"), "length", (1000, 1)),
    Unit("inch", Names("inch", "英寸", "英寸"), "length", (254, 10)),
    Unit("ft", Names("foot", "英尺", "英尺"), "length", (3048, 10)),
    Unit("m2", Names("square metre", "平方公尺", "平方米"), "area"),
    Unit("ping", Names("ping (400/121 m²)", "坪", "坪"), "area", (400, 121)),
    Unit("ml", Names("millilitre", "毫升", "毫升"), "volume"),
    Unit("l", Names("litre", "公升", "升"), "volume", (1000, 1)),
    Unit("m3", Names("cubic metre", "立方公尺", "立方米"), "volume", (1_000_000, 1)),
    Unit("minute", Names("minute", "分鐘", "分钟"), "time"),
    Unit("hour", Names("hour", "小時", "小时"), "time", (60, 1)),
    Unit("day", Names("working day of 8 hours", "工作日（8 小時）", "工作日（8 小时）"), "time", (480, 1)),
)

TERMS: tuple[Term, ...] = (
    Term("NOW", Names("Due at once", "現付", "现付"), {"days": 0}),
    Term("NET7", Names("7 days", "7 天", "7 天"), {"days": 7}),
    Term("NET15", Names("15 days", "15 天", "15 天"), {"days": 15}),
    Term("NET30", Names("30 days", "30 天", "30 天"), {"days": 30}),
    Term("NET60", Names("60 days", "60 天", "60 天"), {"days": 60}),
    Term("EOM30", Names("30 days from the month's end", "月結 30 天", "月结 30 天"), {"days": 30, "month_end": True}),
    Term("EOM60", Names("60 days from the month's end", "月結 60 天", "月结 60 天"), {"days": 60, "month_end": True}),
    Term(
        "DEP30",
        Names("30% deposit, balance in 30 days", "訂金三成，餘款 30 天", "定金三成，余款 30 天"),
        {"days": 30, "deposit": "0.3"},
    ),
)
