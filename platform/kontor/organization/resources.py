"""The company's own structure: branches, departments, positions, employees."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kontor.organization.models import Branch, Department, Employee, Position
from kontor.resources.declaration import Resource, Rows
from kontor.resources.layout import Facts, Lines, Related, Row, Timeline
from kontor.resources.registry import register, relate

_EVERYBODY = dict.fromkeys(("sales_lead", "sales", "purchasing", "warehouse", "accountant"), "view")


@register
class BranchResource(Resource):
    model = Branch
    menu = "settings"
    label, label_plural, icon = _("Branch"), _("Branches"), "building"
    columns = "code name kind parent legal_name tax_number phone"
    form = [Row("code name kind"), Row("parent"), Row("legal_name tax_number"), Row("address phone")]
    detail = [Facts("code name kind parent legal_name tax_number address phone"), Timeline()]
    filters = "kind parent"
    search = {"code": "A", "name": "A"}
    imports = "code name kind parent__code legal_name tax_number address phone"
    title, order = "name", "code"
    roles = _EVERYBODY


@register
class DepartmentResource(Resource):
    model = Department
    menu = "people"
    label, label_plural, icon = _("Department"), _("Departments"), "sitemap"
    columns = "path code name parent branch"
    form = [Row("code name"), Row("parent branch")]
    detail = [Facts("code name parent branch path"), Timeline()]
    filters = "parent branch"
    search = {"code": "A", "name": "A"}
    imports = "code name parent__code branch__code"
    title, order = "name", "path"
    roles = _EVERYBODY


@register
class PositionResource(Resource):
    model = Position
    menu = "people"
    label, label_plural, icon = _("Position"), _("Positions"), "id-badge"
    columns = "code name"
    form = [Row("code name")]
    detail = [Facts("code name"), Timeline()]
    search = {"code": "A", "name": "A"}
    imports = "code name"
    title, order = "name", "code"
    roles = _EVERYBODY


@register
class EmployeeResource(Resource):
    model = Employee
    menu = "people"
    label, label_plural, icon = _("Employee"), _("Employees"), "user"
    columns = "number name title manager email phone hired_on"
    form = [
        Row("number name title"),
        Row("email phone"),
        Row("manager hired_on left_on"),
        Lines("assignments", "department position is_main"),
    ]
    detail = [
        Facts("number name title email phone manager hired_on left_on"),
        Lines("assignments", "department position is_main"),
        Related("organization.employee"),
        Timeline(),
    ]
    filters = "manager"
    search = {"number": "A", "name": "A", "email": "B", "phone": "B"}
    phone = "name title phone number"
    imports = "number name title email phone manager__number hired_on left_on assignments"
    title, order = "name", "number"
    rows = {
        "assignments": Rows(
            "organization.Assignment", "employee", "department position is_main", _("Departments and positions")
        )
    }
    roles = _EVERYBODY


relate("organization.employee", "organization.employee", "manager")
relate("organization.branch", "organization.department", "branch")
