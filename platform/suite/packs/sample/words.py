"""What the people of the story write: reasons and remarks, in the language of the customer's people."""

from __future__ import annotations

UNPAID = "前期貨款逾期未付且超過額度，通知客戶付清後再下單。"
OVERRIDE = "客戶本月貨款已排定付款，經總經理同意先行出貨。"

_LOST = {
    "zh-hant": ("價格高於預算", "客戶案子延後", "改用其他品牌規格", "交期無法配合"),
    "zh-hans": ("价格高于预算", "项目延期", "客户改用国产品牌"),
    "en": ("Price above target", "Project postponed", "Lead time too long"),
}
_RETURNED = {
    "zh-hant": ("包裝受潮，外觀不良", "規格訂錯，客戶退回", "預壓等級不符"),
    "zh-hans": ("运输途中磕碰", "型号下错，客户退回"),
    "en": ("Damaged in transit", "Wrong size ordered"),
}
_REMARKS = {
    "zh-hant": (
        "客戶要求出貨前先傳照片確認。",
        "請與上一張訂單併車出貨，收貨時間為下午三點前。",
        "已與採購課確認發票抬頭，地址不變。",
        "客戶急件，若能提早請先電話通知。",
        "包裝請加木箱，棧板高度不超過 120 公分。",
    ),
    "zh-hans": ("客户要求随货附检验报告。", "送货前一天电话通知仓库收货。", "开票资料与上次一致。"),
    "en": ("Customer asks for a copy of the packing list before shipment.", "Ship with DHL on the customer's account."),
}


def _pick(table: dict[str, tuple[str, ...]], language: str, n: int) -> str:
    rows = table[language]
    return rows[n % len(rows)]


def lost(language: str, n: int) -> str:
    """Why a quotation was declined."""
    return _pick(_LOST, language, n)


def returned(language: str, n: int) -> str:
    """Why goods come back."""
    return _pick(_RETURNED, language, n)


def remark(language: str, n: int) -> str:
    """A remark on every fifth order, else nothing."""
    return _pick(_REMARKS, language, n // 5) if n % 5 == 2 else ""


def cancelled(language: str) -> str:
    """Why an order is called off."""
    return {"zh-hant": "客戶通知專案取消", "zh-hans": "客户通知项目取消"}.get(
        language, "Customer cancelled the project"
    )


def allowance(language: str) -> str:
    """Why something is credited though nothing comes back."""
    return {"zh-hant": "外觀瑕疵折讓，客戶同意留用", "zh-hans": "外观瑕疵折让"}.get(language, "Allowance for scratches")


def over_limit(language: str) -> str:
    """What the seller asks when the limit is used up."""
    if language == "zh-hans":
        return "@sales_lead 该客户信用额度已满，上月货款预计下周到账，能否先放行？"
    return "@sales_lead 客戶額度已滿，上月貨款預計下週入帳，麻煩協助核准。"


def revised(language: str) -> str:
    """Why the head of sales revises a quotation."""
    if language == "zh-hans":
        return "客户希望再优惠，主项多让 3%，重新报价。"
    return "客戶希望再議價，主要品項多讓 3%，重新報價。"
