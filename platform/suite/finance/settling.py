"""What one allocation does to two items and to the ledger: pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kontor.errors import FieldError, Refused
from kontor.values.money import amount_text, digits, round_amount
from suite.finance.values import ZERO, Fact


@dataclass(frozen=True, slots=True)
class Settlement:
    """The amounts that move: in the items' currency, and what they are worth in book currency.

    ``exchange`` is the realised difference, a gain above zero (for a receivable).
    """

    amount: Decimal
    discount: Decimal
    write_off: Decimal
    invoice_book: Decimal
    cover_book: Decimal
    discount_book: Decimal
    write_off_book: Decimal
    exchange: Decimal
    advance: bool  # the cover stands on the advances account (a receipt), not among the receivables

    @classmethod
    def of(cls, row: Any, invoice: Any, cover: Any) -> Settlement:
        """The settlement that a stored allocation made."""
        discount_book, write_off_book = _given_books(invoice, row.discount, row.write_off)
        return cls(
            row.amount,
            row.discount,
            row.write_off,
            row.invoice_book,
            row.cover_book,
            discount_book,
            write_off_book,
            row.exchange,
            cover.kind in ("receipt", "payment"),
        )

    def facts(self) -> list[Fact]:
        """For the rules ``finance.allocated`` and, turned, ``finance.unallocated``."""
        return [
            Fact("advance" if self.advance else "credited", self.amount, book=self.cover_book),
            Fact("discount", self.discount, book=self.discount_book),
            Fact("write_off", self.write_off, book=self.write_off_book),
            Fact("receivable", self.amount + self.discount + self.write_off, book=self.invoice_book),
            Fact("fx", ZERO, book=self.exchange),
        ]


def settle(invoice: Any, cover: Any, amount: Decimal, discount: Decimal, write_off: Decimal) -> Settlement:
    """Take the amounts off both items, in both currencies; the last part takes the rest of the book amount."""
    settled = amount + discount + write_off
    invoice_book = _book(invoice, settled)
    cover_book = _book(cover, amount)
    discount_book, write_off_book = _given_books(invoice, discount, write_off)
    invoice.remaining -= settled
    invoice.book_remaining -= invoice_book
    cover.remaining -= amount
    cover.book_remaining -= cover_book
    return Settlement(
        amount,
        discount,
        write_off,
        invoice_book,
        cover_book,
        discount_book,
        write_off_book,
        cover_book + discount_book + write_off_book - invoice_book,
        cover.kind in ("receipt", "payment"),
    )


def check(invoice: Any, cover: Any, amount: Decimal, discount: Decimal, write_off: Decimal, at: str = "") -> None:
    """Refuse what does not fit: sides, party, currency, digits, and more than is open; ``at`` points to the row."""
    if invoice.side == cover.side or invoice.ledger != cover.ledger:
        raise Refused(_("One side must be owed to us and the other by us."), code="wrong_side")
    if invoice.party_id != cover.party_id:
        raise Refused(_("Items of different parties cannot settle each other."), code="wrong_party")
    if invoice.currency != cover.currency:
        raise Refused(
            _("%(invoice)s is in %(a)s and %(cover)s in %(b)s. Settle in one currency.")
            % {"invoice": invoice.number, "a": invoice.currency, "cover": cover.number, "b": cover.currency},
            code="wrong_currency",
        )
    for value in (amount, discount, write_off):
        if value < 0 or round_amount(value, invoice.currency) != value:
            raise Refused(
                _("Amounts to settle are above zero and have at most %(digits)d decimals in %(currency)s.")
                % {"digits": digits(invoice.currency), "currency": invoice.currency},
                code="wrong_amount",
            )
    if amount + discount + write_off <= 0:
        raise Refused(_("There is nothing to settle."), code="wrong_amount")
    for item, wanted in ((invoice, amount + discount + write_off), (cover, amount)):
        if wanted > item.remaining:
            raise _overdrawn(item, wanted, at)


def _overdrawn(item: Any, wanted: Decimal, at: str) -> Refused:
    detail = _("Only %(open)s %(currency)s of %(number)s is open, and %(wanted)s would be settled.") % {
        "open": amount_text(item.remaining, item.currency),
        "currency": item.currency,
        "number": item.number,
        "wanted": amount_text(wanted, item.currency),
    }
    return Refused(
        detail,
        code="overdrawn",
        errors=[FieldError(f"{at}/amount", "overdrawn", detail, {"open": amount_text(item.remaining, item.currency)})],
    )


def _book(item: Any, amount: Decimal) -> Decimal:
    if amount == item.remaining:
        return Decimal(item.book_remaining)
    return min(round_amount(amount * Decimal(item.rate), item.book_currency), Decimal(item.book_remaining))


def _given_books(invoice: Any, discount: Decimal, write_off: Decimal) -> tuple[Decimal, Decimal]:
    rate = Decimal(invoice.rate)
    return (round_amount(discount * rate, invoice.book_currency), round_amount(write_off * rate, invoice.book_currency))
