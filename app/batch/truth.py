"""What the fields truly say, from a CSV, and the comparison of a reading with it.

Columns ``file, amount, routing, account, check_number``; any but ``file`` may be absent or empty, others are passed over.
``file`` is relative to the CSV or to the argument that led to the file. An amount is compared as a number (for
``plain`` the digits as a whole number), the others as text; spaces and dashes of an account number do not count.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Literal

from app.batch.engine import Failure, ScoredPage
from app.batch.sources import Source
from app.errors import UsageError
from app.reader.types import AmountFormatChoice, ReadOptions, Scope
from app.response import CheckResponse

TruthField = Literal["amount", "routing", "account", "check_number"]
TRUTH_FIELDS: tuple[TruthField, ...] = ("amount", "routing", "account", "check_number")

Outcome = Literal["accepted_right", "accepted_wrong", "refused_right", "refused_wrong", "not_found", "error"]

_FIELDS_OF_SCOPE: Mapping[Scope, tuple[TruthField, ...]] = {
    Scope.CHECK: TRUTH_FIELDS,
    Scope.COURTESY_AMOUNT: ("amount",),
    Scope.DIGIT: ("amount",),
    Scope.MICR_LINE: ("routing", "account", "check_number"),
}

_SIGNS_OF_AMOUNTS = re.compile(r"[\s,$₹*#=]|Rs\.?|/-$")


@dataclass(frozen=True, slots=True)
class Truth:
    """The rows of a truth CSV: ``by_path`` by absolute path (from the folder of the CSV), ``by_name`` as written."""

    by_path: Mapping[str, Mapping[TruthField, str]]
    by_name: Mapping[str, Mapping[TruthField, str]]

    def of(self, source: Source) -> Mapping[TruthField, str]:
        """The fields that are known of ``source``; empty where there is no row."""
        return (
            self.by_path.get(os.path.realpath(source.name))
            or self.by_name.get(os.path.normpath(source.relative))
            or self.by_name.get(os.path.normpath(source.name))
            or {}
        )

    def __len__(self) -> int:
        return len(self.by_name)


def load_truth(path: Path, amount_format: AmountFormatChoice) -> Truth:
    """Read a truth CSV. Raises ``UsageError`` naming the line where it is not usable."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if "file" not in (reader.fieldnames or ()):
                raise UsageError(f"{path}: the truth has no column named file; its columns: {', '.join(reader.fieldnames or ()) or 'none'}")
            by_name: dict[str, Mapping[TruthField, str]] = {}
            for row in reader:
                name = os.path.normpath((row["file"] or "").strip())
                if name in by_name:
                    raise UsageError(f"{path}, line {reader.line_num}: {name} has a second row")
                by_name[name] = _known_fields(row, f"{path}, line {reader.line_num}", amount_format)
    except OSError as error:
        raise UsageError(f"cannot read the truth {path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error):
        raise UsageError(f"the truth {path} is no CSV file in UTF-8") from None
    folder = path.resolve().parent
    return Truth({os.path.realpath(folder / name): fields for name, fields in by_name.items()}, by_name)


def _known_fields(row: Mapping[str, str | None], where: str, amount_format: AmountFormatChoice) -> dict[TruthField, str]:
    known: dict[TruthField, str] = {name: text for name in TRUTH_FIELDS if (text := (row.get(name) or "").strip())}
    if "amount" in known and _comparable("amount", known["amount"], amount_format) is None:
        raise UsageError(f"{where}: the amount is no number: {known['amount']}")
    return known


def compare(page: ScoredPage, truth: Mapping[TruthField, str], options: ReadOptions) -> dict[TruthField, Outcome]:
    """The outcome of each field that was asked for and whose truth is known."""
    outcomes: dict[TruthField, Outcome] = {}
    for name in _FIELDS_OF_SCOPE[options.scope]:
        if name in truth:
            answer = Answer("error", None) if isinstance(page.outcome, Failure) else _answer(page.outcome, name)
            outcomes[name] = _outcome(name, answer, truth[name], options.amount_format)
    return outcomes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reading says of one field."""

    decision: Literal["accepted", "refused", "not_found", "error"]
    value: str | None


def _answer(response: CheckResponse, name: TruthField) -> Answer:
    """A picture of one digit is compared with the column ``amount``."""
    if name == "amount":
        amount = response.amount or response.digit
        return Answer("not_found", None) if amount is None else Answer(amount.decision, amount.value)
    if (micr := response.micr) is None:
        return Answer("not_found", None)
    value = {"routing": micr.routing_number, "account": micr.account_number, "check_number": micr.check_number}[name]
    return Answer(micr.decision, value)


def _outcome(name: TruthField, answer: Answer, truth: str, amount_format: AmountFormatChoice) -> Outcome:
    if answer.decision == "error":
        return "error"
    if answer.decision == "not_found" or answer.value is None:
        return "not_found"
    right = _comparable(name, answer.value, amount_format) == _comparable(name, truth, amount_format)
    if answer.decision == "accepted":
        return "accepted_right" if right else "accepted_wrong"
    return "refused_right" if right else "refused_wrong"


def _comparable(name: TruthField, text: str, amount_format: AmountFormatChoice) -> str | Decimal | None:
    """The form in which two values of a field are equal; None for an amount that is no number."""
    if name == "account":
        return re.sub(r"[\s-]", "", text)
    if name != "amount":
        return text.strip()
    if amount_format == "plain":
        digits = re.sub(r"[^0-9]", "", text)
        return Decimal(digits) if digits else None
    try:
        number = Decimal(_SIGNS_OF_AMOUNTS.sub("", text))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
