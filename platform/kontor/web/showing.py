"""Values as people read them: amounts with their currency, short dates, states, people, references."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.references import words_for
from kontor.resources import registry
from kontor.resources.spec import Field, LinesSpec, Spec
from kontor.values.money import SYMBOLS, amount_text, digits, plain, price_text
from kontor.values.wording import row_of

NOTHING = mark_safe('<span class="k-3">–</span>')
STATE_LOOKS = {"half": "is-run", "full": "is-go", "green": "is-done", "cancelled": "is-off", "wait": "is-wait"}
_PEOPLE = frozenset({"organization.employee", "identity.user"})


def group(text: str) -> str:
    """``1234567.50`` → ``1,234,567.50``."""
    sign, body = ("−", text[1:]) if text.startswith("-") else ("", text)
    whole, point, rest = body.partition(".")
    return f"{sign}{int(whole or 0):,}{point}{rest}"


def symbol(currency: str) -> str:
    """The mark before an amount: ``NT$``; the code where there is no usual one."""
    return SYMBOLS.get(currency, currency)


def amount(value: Decimal | None, currency: str, *, price: bool = False) -> SafeString:
    """An amount with its currency's mark, small and grey, and the currency's digits."""
    if value is None:
        return NOTHING
    text = price_text(value, currency) if price else amount_text(value, currency)
    return format_html('<span class="k-ccy">{}</span>{}', symbol(currency), group(text))


def amount_plain(value: Decimal | None, currency: str) -> str:
    """The same as text, for labels and totals: ``NT$ 1,486,275``."""
    return "–" if value is None else f"{symbol(currency)} {group(amount_text(value, currency))}"


def ledger(value: Decimal, currency: str, *, marked: bool = False) -> SafeString:
    """An amount as in books: negative ones in brackets, which hang out so that digits stay under digits."""
    text = group(amount_text(abs(value), currency))
    mark = format_html('<span class="k-ccy">{}</span>', symbol(currency)) if marked else ""
    if value < 0:
        return format_html('{}<span class="k-bracket">(</span>{}<span class="k-bracket">)</span>', mark, text)
    return format_html("{}{}", mark, text)


def figure(value: Decimal, currency: str, language: str) -> str:
    """A large amount in few digits, by language: ``NT$ 1,284 萬``, ``¥ 384 万``, ``US$ 12.8M``."""
    size = abs(value)
    if language.startswith("zh"):
        wan, yi = ("萬", "億") if language == "zh-hant" else ("万", "亿")
        steps = [(Decimal(10**8), yi), (Decimal(10**4), wan)]
    else:
        steps = [(Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "K")]
    for step, unit in steps:
        if size >= step * (10 if step == 10**4 else 1):
            short = value / step
            places = 0 if abs(short) >= 100 else 1
            text = group(format(round(short, places), "f")).removesuffix(".0")
            return f"{symbol(currency)} {text}{' ' if language.startswith('zh') else ''}{unit}"
    return f"{symbol(currency)} {group(format(round(value, digits(currency)), 'f'))}"


def quantity(value: Decimal | None) -> str:
    """A quantity without trailing zeros, grouped."""
    return "–" if value is None else group(plain(value))


def percent(value: Decimal | None) -> str:
    """A share of one as per cent: 0.05 → ``5%``."""
    return "–" if value is None else f"{group(plain(round(value * 100, 2)))}%"


def bar(value: Decimal | None) -> SafeString:
    """A share of one as a bar of progress with its per cent beside."""
    if value is None:
        return NOTHING
    share = max(0, min(100, int(value * 100)))
    html = (
        '<span class="k-progress"><svg class="k-bar is-thin" aria-hidden="true"><rect width="{}%" height="100%" '
        'class="{}"/></svg><span class="k-num{}">{}%</span></span>'
    )
    return format_html(html, share, "k-fdone" if share == 100 else "k-f2", "" if share else " k-3", share)


def date(value: dt.date | None, today: dt.date) -> str:
    """``11-24`` within this year, else ``2026-11-24``."""
    if value is None:
        return "–"
    return value.strftime("%m-%d") if value.year == today.year else value.isoformat()


def instant(value: dt.datetime | None, today: dt.date) -> str:
    """A moment by the company's clock: ``09:12`` today, else the date with the time."""
    if value is None:
        return "–"
    local = timezone.localtime(value)
    if local.date() == today:
        return local.strftime("%H:%M")
    return f"{date(local.date(), today)} {local:%H:%M}"


def state(of: Spec, value: Any) -> SafeString:
    """The dot and the word of a lifecycle state."""
    if value in (None, ""):
        return NOTHING
    label = dict(of.states).get(value) or choice_label(of.fields.get("state"), value)
    look = of.state_looks.get(str(value), "half")
    return format_html('<span class="k-state {}">{}</span>', STATE_LOOKS.get(look, f"is-{look}"), label)


def choice_label(f: Field | None, value: Any) -> str:
    """The word for a stored choice."""
    return str(dict(f.choices).get(value, value)) if f is not None and value is not None else ""


def initial(name: str) -> str:
    """The letter on a face: the given name's first for Chinese, the first letter otherwise."""
    name = (name or "?").strip() or "?"
    is_cjk = "\u4e00" <= name[0] <= "\u9fff"
    return name[1] if is_cjk and 2 <= len(name) <= 3 else name[0].upper()


def face(name: str, size: str = "") -> SafeString:
    """A person's mark; decoration beside the name."""
    return format_html(
        '<span class="k-face{}" aria-hidden="true">{}</span>', f" is-{size}" if size else "", initial(name)
    )


def href(resource: str, pk: Any) -> str:
    """The page of a record; empty for what has none."""
    spec = registry.find(resource)
    return f"/{spec.path}/{pk}/" if spec is not None and pk else ""


def currency_of(ctx: Context, key: str, row: Mapping[str, Any]) -> str:
    """The ISO code of an amount: from the row where the plan names it, else the company's own."""
    return (row.get(key) or ctx.currency) if key else ctx.currency


def cell(
    ctx: Context,
    of: Spec | LinesSpec,
    f: Field,
    row: Mapping[str, Any],
    currencies: Mapping[str, str],
    *,
    link: bool = False,
) -> SafeString | str:
    """One value of a row of ``query.select`` or ``query.one`` (with titles) as HTML."""
    value = row.get(f.name)
    if f.kind == "reference":
        return _reference(f, row, link=link)
    if value is None or value == "" or value == []:
        return NOTHING
    if f.name == "state" and isinstance(of, Spec) and of.has_state:
        return state(of, value)
    if f.kind in ("amount", "price"):
        return amount(value, currency_of(ctx, currencies.get(f.name, ""), row), price=f.kind == "price")
    if f.kind == "choice":
        return _choice(f, value)
    if f.kind == "boolean":
        return _boolean(f, value)
    if f.kind == "json":
        return told(of, f, row)
    simple = plain_text(ctx, f, value)
    if f.name == "grade" and len(simple) <= 3:
        return format_html('<span class="k-grade" title="{}">{}</span>', f.label, simple)
    if f.kind == "email":
        return format_html('<a class="k-acc" href="mailto:{0}">{0}</a>', simple) if link else simple
    if f.kind == "phone":
        return format_html('<a href="tel:{}" class="k-num">{}</a>', "".join(str(value).split()), simple)
    if f.kind == "tags":
        said = words_for(ctx, f.relation, value) if f.relation else value
        return format_html_join(" ", '<span class="k-tag">{}</span>', ((word,) for word in said))
    return simple


def plain_text(ctx: Context, f: Field, value: Any) -> str:
    """A value as text by its kind; amounts need ``amount`` because of their currency."""
    if f.kind == "quantity":
        return quantity(value) if isinstance(value, Decimal) else str(value)
    if f.kind == "percent":
        return percent(value)
    if f.kind == "integer" and f.name == "year":
        return str(value)
    if f.kind in ("rate", "integer"):
        return group(plain(Decimal(value)))
    if f.kind == "date":
        return date(value, ctx.today)
    if f.kind == "instant":
        return instant(value, ctx.today)
    if f.kind == "boolean":
        return _("Yes") if value else _("No")
    if f.kind == "choice":
        return choice_label(f, value)
    return phrase(value) if isinstance(value, dict | list) else str(value)


Teller = Callable[[Any, Mapping[str, Any]], str]
_told: dict[tuple[type[Model], str], Teller] = {}


def tell(model: type[Model], field: str, teller: Teller) -> None:
    """How people read a structure that a field holds: ``teller(value, row)``, as the steps of a price."""
    _told[model, field] = teller


def told(of: Spec | LinesSpec, f: Field, row: Mapping[str, Any]) -> str:
    """A structure as its module tells it, else its words one after the other."""
    value = row.get(f.name)
    teller = _told.get((of.model, f.name))
    return teller(value, row) if teller is not None and value else phrase(value)


def phrase(value: Any) -> str:
    """A small structure (an address) as one phrase, each word once."""
    if isinstance(value, dict) and isinstance(value.get("lines"), list):  # an address as a document freezes it
        value = [value["lines"], value.get("contact"), value.get("phone")]
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
    said = [phrase(p) if isinstance(p, dict | list) else str(p) for p in parts if p not in (None, "", [], {})]
    return row_of(dict.fromkeys(s for s in said if s))


def _boolean(f: Field, value: Any) -> SafeString:
    """Only what holds is said: a column of "no" is noise."""
    if not value:
        return NOTHING
    if f.name in ("late", "overdue", "on_hold", "short"):
        return format_html('<span class="k-tag is-bad">{}</span>', f.label)
    html = '<i class="ti ti-check k-2" aria-hidden="true"></i><span class="visually-hidden">{}</span>'
    return format_html(html, _("Yes"))


def _choice(f: Field, value: Any) -> SafeString:
    label = choice_label(f, value)
    if value == "none":
        return format_html('<span class="k-3">{}</span>', label)
    if f.name == "grade" or (len(label) <= 2 and f.name.endswith("grade")):
        return format_html('<span class="k-grade" title="{}">{}</span>', f.label, label)
    return format_html("{}", label)


def _reference(f: Field, row: Mapping[str, Any], *, link: bool) -> SafeString:
    pk, title = row.get(f.name), row.get(f"{f.name}__title")
    if pk is None:
        return NOTHING
    text = str(title or row.get(f"{f.name}__code") or _("(no name)"))
    if f.relation in _PEOPLE:
        return format_html('<span class="k-cell">{}<span class="k-cut">{}</span></span>', face(text), text)
    target = href(f.relation, pk) if link else ""
    if f.name.endswith("grade") or (len(text) <= 2 and f.relation.endswith("grade")):
        return format_html('<span class="k-grade" title="{}">{}</span>', f.label, text)
    return format_html('<a class="k-acc" href="{}">{}</a>', target, text) if target else format_html("{}", text)
