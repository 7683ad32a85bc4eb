"""The company as it stands at the head of its papers: legal name, address, tax number, logo."""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.configuration.api import company, get
from kontor.context import Context
from kontor.organization.api import root_branch
from kontor.organization.models import Branch
from kontor.surfaces.printing.sheet import Block

_MOST_LOGO = 300_000


def letterhead(ctx: Context, branch_id: UUID | None = None) -> Block:
    """The legal entity (the root branch); a branch of its own adds name, address and phone."""
    ids = [i for i in (root_branch(), branch_id) if i]
    rows = {b.pk: b for b in Branch.objects.filter(pk__in=ids)}
    root = rows.get(ids[0]) if ids else None
    place = rows.get(branch_id) if branch_id else None
    name = (root.legal_name or root.name if root else "") or company(ctx).name
    lines: list[str] = []
    if place is not None and place is not root:
        lines.append(place.name)
    where = next((b for b in (place, root) if b is not None and b.address), None)
    if where:
        lines.append(where.address)
    phone = next((b.phone for b in (place, root) if b is not None and b.phone), "")
    tax = root.tax_number if root else ""
    contact = [part for part in (_("Tel. %s") % phone if phone else "", _("Tax no. %s") % tax if tax else "") if part]
    if contact:
        lines.append("   ".join(contact))
    return Block(name, tuple(lines))


def logo(ctx: Context) -> bytes:
    """The company's logo from the setting ``company.logo`` (a ``data:`` address); empty without one."""
    text = str(get("company.logo", ctx) or "")
    head, comma, body = text.partition(",")
    if not comma or not head.startswith("data:image/") or ";base64" not in head or len(body) > _MOST_LOGO:
        return b""
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        return b""
