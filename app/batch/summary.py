"""What a batch came to: decisions per field, and, where the truth is known, right and wrong per field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.batch.engine import Failure, ScoredPage
from app.batch.truth import TRUTH_FIELDS, Truth, TruthField, compare
from app.reader.types import ReadOptions

_HEADINGS = ("field", "with truth", "accepted right", "accepted wrong", "refused right", "refused wrong", "not found", "error")


@dataclass(slots=True)
class Tally:
    """Counts over the lines of a run; ``truth`` is None where none was given. Only the first page of a file has a truth."""

    truth: Truth | None
    options: ReadOptions
    lines: int = 0
    failures: int = 0
    matched: int = 0  # files that have a row in the truth
    decisions: dict[str, Counter[str]] = field(default_factory=dict)
    outcomes: dict[TruthField, Counter[str]] = field(default_factory=dict)

    def add(self, page: ScoredPage) -> None:
        """Count one line."""
        self.lines += 1
        if isinstance(page.outcome, Failure):
            self.failures += 1
        else:
            for name in ("amount", "micr", "digit"):
                if (part := getattr(page.outcome, name)) is not None:
                    self.decisions.setdefault(name, Counter())[part.decision] += 1
        if self.truth is not None and page.page_index == 0:
            known = self.truth.of(page.source)
            self.matched += bool(known)
            for truth_field, outcome in compare(page, known, self.options).items():
                self.outcomes.setdefault(truth_field, Counter())[outcome] += 1

    def run_line(self) -> str:
        """One line for people: how many lines, errors and decisions."""
        parts = [f"{self.lines} lines, {self.failures} with an error"]
        for name, counts in self.decisions.items():
            parts.append(
                f"{name}: " + ", ".join(f"{counts[word]} {word.replace('_', ' ')}" for word in ("accepted", "refused", "not_found"))
            )
        return "; ".join(parts)

    def truth_lines(self) -> Iterator[str]:
        """A table of outcomes per field, then the rates. ``read rate without refusal`` counts every best value that is
        right, whatever was decided, over all fields with a truth; so does ``wrong among all`` count accepted wrong ones."""
        rows: list[tuple[str, ...]] = [_HEADINGS]
        for name in TRUTH_FIELDS:
            if (counts := self.outcomes.get(name)) is not None:
                cells = (counts[heading.replace(" ", "_")] for heading in _HEADINGS[2:])
                rows.append((name, str(counts.total()), *map(str, cells)))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            yield "  ".join(
                cell.ljust(width) if place == 0 else cell.rjust(width) for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        for name in TRUTH_FIELDS:
            if (counts := self.outcomes.get(name)) is not None:
                yield f"{name}: {_rates(counts)}"


def _rates(counts: Counter[str]) -> str:
    total, accepted = counts.total(), counts["accepted_right"] + counts["accepted_wrong"]
    right, wrong = counts["accepted_right"] + counts["refused_right"], counts["accepted_wrong"]
    words = f"read rate without refusal {right / total:.1%}, accepted {accepted / total:.1%}, wrong among all {wrong / total:.1%}"
    return words + (f", wrong among accepted {wrong / accepted:.1%}" if accepted else "")
