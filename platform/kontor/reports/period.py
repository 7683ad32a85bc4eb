"""When a report looks: every report with a period takes ``as_of=`` as well as ``from=&to=``.

- *balance* (what there is on a day): ``as_of``, today by default. ``to`` is the same day by another name;
  with ``from`` the report shows beside it what there was before that day began.
- *flow* (what happened in a span): ``from`` and ``to``. ``as_of`` is the fiscal year up to that day, and so is
  ``to`` alone.
- *outlook* (what is promised and expected): all of it, unless ``as_of`` or ``to`` says up to which day; with ``from``
  the report shows beside it what was planned before that day.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from kontor.calendars.api import YEARS, fiscal_year, year_span
from kontor.context import Context
from kontor.errors import FieldError
from kontor.reports.declaration import Parameter

BALANCE, FLOW, OUTLOOK = "balance", "flow", "outlook"


def parameters(kind: str, *, whole: bool = False) -> tuple[Parameter, ...]:
    """The three dates; a form asks for those that are usual for the kind, for all of them with ``whole``."""
    return (
        Parameter("as_of", _("As of"), "date", form=whole or kind == BALANCE),
        Parameter("from", pgettext_lazy("date", "From"), "date", form=whole or kind == FLOW),
        Parameter("to", pgettext_lazy("date", "To"), "date", form=whole or kind == FLOW),
    )


def settle(ctx: Context, kind: str, values: dict[str, Any], errors: list[FieldError]) -> None:
    """Put the dates that were not given in their place; a flow has both ends then, a balance its day."""
    as_of, first, last = (values.get(name) for name in ("as_of", "from", "to"))
    for name in ("as_of", "from", "to"):
        if values.get(name) is not None and values[name].year not in YEARS:
            said = gettext("Years from %(first)d to %(last)d can be reported.")
            values_of = {"first": YEARS[0], "last": YEARS[-1]}
            errors.append(FieldError(f"/{name}", "out_of_range", said % values_of))
    if errors:
        return
    if as_of is not None and last is not None and as_of != last:
        said = gettext("Give either as_of or from and to: they name different days.")
        errors.append(FieldError("/as_of", "contradiction", said))
        return
    end: dt.date | None = last or as_of
    day = end or ctx.today
    if first is not None and first > day and not (kind == OUTLOOK and end is None):
        errors.append(FieldError("/from", "invalid", gettext("The span ends before it begins.")))
    elif kind == OUTLOOK:
        values["as_of"] = end
    elif kind == BALANCE:
        values["as_of"] = day
    else:
        values["from"] = first or year_span(ctx, fiscal_year(ctx, day))[0]
        values["to"] = day


def before(values: Any) -> dt.date | None:
    """The last day before the span of a balance; None if no beginning was given."""
    first = values.get("from")
    return first - dt.timedelta(days=1) if first is not None else None
