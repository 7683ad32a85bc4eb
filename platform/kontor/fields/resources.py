"""Dictionary entries; modules show each dictionary of theirs as a face with a name of its own."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kontor.fields.models import DictionaryItem
from kontor.resources.declaration import Resource
from kontor.resources.layout import Facts, Row, Timeline
from kontor.resources.registry import register


@register
class DictionaryItemResource(Resource):
    model = DictionaryItem
    name = "fields.dictionary_item"
    path = "fields/dictionary-items"
    menu = "settings"
    label, label_plural, icon = _("Dictionary entry"), _("Dictionaries"), "list"
    columns = "dictionary code name position is_active"
    form = [Row("dictionary code name"), Row("payload"), Row("position is_active")]
    detail = [Facts("dictionary code name payload position is_active"), Timeline()]
    filters = "dictionary is_active"
    search = {"code": "A", "name": "A"}
    imports = "dictionary code name payload position is_active"
    title = "name"
    order = "dictionary"
    roles = {
        "sales_lead": "view",
        "sales": "view",
        "purchasing": "view",
        "warehouse": "view",
        "accountant": "view",
    }
