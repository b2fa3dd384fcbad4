"""Reading all pictures with all readers in turns, and counting what came of it: per picture, per physical check, and the time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from app.batch.truth import TRUTH_FIELDS, Outcome, TruthField
from benchmarks.read_rate_pictures import Picture
from benchmarks.read_rate_readers import Look, Reader

ALL = "all"  # the row over all kinds


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts of one field: ``read`` is accepted and right, ``wrong`` accepted and wrong, ``refused`` the rest.

    ``right`` is whatever was decided.
    """

    count: int
    right: int
    read: int
    wrong: int

    @property
    def refused(self) -> int:
        return self.count - self.read - self.wrong


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds over all readings of some pictures; ``busy`` is processor time over wall-clock time, about 1 for one thread."""

    readings: int
    median_ms: float
    p99_ms: float
    busy: float
    stages_ms: dict[str, float]  # medians, in stage order; empty for a peer

    @property
    def p99_of_median(self) -> float:
        return self.p99_ms / self.median_ms


@dataclass(frozen=True, slots=True)
class Comparison:
    """All looks: ``looks[reader][k]`` are those at ``pictures[k]``, the first one counted, all of them timed."""

    pictures: tuple[Picture, ...]
    looks: dict[str, tuple[tuple[Look, ...], ...]]
    deciding: frozenset[str]  # readers that accept and refuse

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of pictures in their order."""
        return tuple(dict.fromkeys(picture.kind for picture in self.pictures))

    def members(self, kind: str) -> list[int]:
        """Places of the pictures of one kind, or of ``ALL``."""
        return [k for k, picture in enumerate(self.pictures) if kind in (ALL, picture.kind)]

    def answers(self, reader: str, kind: str, name: TruthField) -> list[tuple[str, Outcome]]:
        """(physical check, outcome) of every picture whose truth of the field is known."""
        pictures, looks = self.pictures, self.looks[reader]
        return [(pictures[k].group, looks[k][0].outcomes[name]) for k in self.members(kind) if name in looks[k][0].outcomes]

    def fields(self, kind: str) -> list[TruthField]:
        """The fields that are known of some picture of a kind."""
        return [name for name in TRUTH_FIELDS if any(name in self.pictures[k].truth for k in self.members(kind))]

    def times(self, reader: str, kind: str, timed_only: bool = False) -> Times:
        """The time of one reader on the pictures of a kind; ``timed_only``: those alone that every round has read."""
        members = [k for k in self.members(kind) if self.pictures[k].timed or not timed_only]
        return times_of([look for k in members for look in self.looks[reader][k]])

    def failures(self, reader: str) -> list[tuple[str, str]]:
        """(file, why) of the pictures that a reader could not read at all."""
        looks = zip(self.pictures, self.looks[reader], strict=True)
        return [(picture.source.relative, rounds[0].failure) for picture, rounds in looks if rounds[0].failure]


def compare_readers(
    pictures: Sequence[Picture], readers: Sequence[Reader], rounds: int, progress: Callable[[str], None] = lambda _: None
) -> Comparison:
    """Every picture read by every reader, picture by picture in turns, so that what else the machine does falls on all.

    In the first round all pictures are read, in the further ones those that are timed. Each reader reads the first picture once before,
    for warming up.
    """
    looks: dict[str, list[list[Look]]] = {reader.name: [[] for _ in pictures] for reader in readers}
    for reader in readers:
        reader.look(pictures[0])
    for number in range(rounds):
        for k, picture in enumerate(pictures):
            if number == 0 or picture.timed:
                for reader in readers if (number + k) % 2 == 0 else reversed(readers):
                    looks[reader.name][k].append(reader.look(picture))
                progress(f"round {number + 1} of {rounds}, picture {k + 1} of {len(pictures)}")
    found = {name: tuple(tuple(row) for row in rows) for name, rows in looks.items()}
    return Comparison(tuple(pictures), found, frozenset(reader.name for reader in readers if reader.decides))


def count_pictures(answers: Iterable[tuple[str, Outcome]]) -> Counted:
    """Every picture counts once."""
    outcomes = [outcome for _, outcome in answers]
    right = sum(outcome.endswith("_right") for outcome in outcomes)
    return Counted(len(outcomes), right, outcomes.count("accepted_right"), outcomes.count("accepted_wrong"))


def count_checks(answers: Iterable[tuple[str, Outcome]]) -> Counted:
    """Every physical check counts once: right, and read, where at least half of its pictures are; wrong where one picture is."""
    groups: dict[str, list[Outcome]] = {}
    for group, outcome in answers:
        groups.setdefault(group, []).append(outcome)
    parts = [count_pictures((group, outcome) for outcome in outcomes) for group, outcomes in groups.items()]
    return Counted(
        count=len(parts),
        right=sum(2 * part.right >= part.count for part in parts),
        read=sum(2 * part.read >= part.count and not part.wrong for part in parts),
        wrong=sum(part.wrong > 0 for part in parts),
    )


def times_of(looks: Sequence[Look]) -> Times:
    """Median, 99th percentile and stages over some looks; at least one."""
    totals = np.array([look.time_ms for look in looks])
    stages = {stage: median(look.stages_ms[stage] for look in looks if stage in look.stages_ms) for stage in stages_of(looks)}
    if stages:
        stages["other"] = median(look.time_ms - sum(look.stages_ms.values()) for look in looks if look.stages_ms)
    busy = sum(look.cpu_ms for look in looks) / float(totals.sum())
    return Times(len(looks), float(np.median(totals)), float(np.percentile(totals, 99)), busy, stages)


def stages_of(looks: Sequence[Look]) -> list[str]:
    """The stages that some look has booked, in their order."""
    return list(dict.fromkeys(stage for look in looks for stage in look.stages_ms))
