"""Best paths of the candidate fields -> the readings of the answer: which candidate wins, what it says, how sure."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from app.reader.confidence import OperatingPoint, calibrated, operating_point, refusal
from app.reader.courtesy_amount import CURRENCY, interpret, log_prior, round_log_prior
from app.reader.micr import MicrFields, parse_line
from app.reader.micr_line import UNREAD, UNREAD_BELOW, raw_line
from app.reader.second_reader import Fusion, SecondReaderInfo, fused
from app.reader.types import (
    AmountAlternative,
    AmountFormat,
    AmountReading,
    Character,
    DigitReading,
    FieldEvidence,
    Matrix,
    MicrReading,
    ModelInfo,
    Page,
    Path,
    Polygon,
    ReadOptions,
    Reason,
    SegmentationLattice,
)

LEAST_MICR_CHARACTERS = 6
LEAST_LIKE = 0.1  # of an unread character's best symbol, that a digit which the checksum asks for must have
LEAST_MINUS = 0.05  # share of the readings with a minus sign from which an amount is refused
_DATE = re.compile(r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])(19|20)\d\d")  # ddmmyyyy, as Indian forms have it
_ALONE = re.compile(r"⑈ ?⑆")
_MINUS = re.compile(r"[$*#]*-[0-9.]")
LEAST_POSTERIOR, LEAST_OPINION = -14.0, -60.0  # logs below which the readers' opinions no longer count against a value


def polygons_of(boxes: npt.NDArray[np.number], to_picture: Matrix) -> list[Polygon]:
    """Corners of boxes (N, 4) through a transform (3, 3) to pixels of the uploaded picture, from the upper left clockwise."""
    left, top, right, bottom = boxes.astype(np.float64).T
    across, down = np.stack([left, right, right, left], axis=1), np.stack([top, top, bottom, bottom], axis=1)
    x, y, w = (to_picture @ np.stack([across, down, np.ones_like(across)], axis=1)).transpose(1, 0, 2)
    placed = np.round(np.stack([x / w, y / w], axis=2), 1).tolist()
    return [tuple((a, b) for a, b in corners) for corners in placed]


def field_polygon(lattice: SegmentationLattice, page: Page) -> Polygon:
    """The outline of the field on the uploaded picture."""
    return polygons_of(np.array([lattice.field.box]), page.page_to_image)[0]


def characters_of(path: Path, lattice: SegmentationLattice, page: Page) -> tuple[Character, ...]:
    """The characters of a path, placed on the uploaded picture."""
    boxes = lattice.boxes[[c.arc for c in path.characters]]
    polygons = polygons_of(boxes, page.page_to_image @ lattice.lattice_to_page)
    return tuple(Character(c.symbol, polygon, c.confidence, c.alternatives) for c, polygon in zip(path.characters, polygons, strict=True))


def amount_reading(best: FieldEvidence | None, page: Page, model: ModelInfo | SecondReaderInfo, options: ReadOptions) -> AmountReading:
    """The courtesy amount from the winning candidate; ``model`` is the one whose calibration and thresholds hold."""
    if best is None:
        currency = None if options.amount_format == "auto" else CURRENCY[options.amount_format]
        reason = Reason("no_amount_found", "No line of ink was found that reads as an amount.")
        return AmountReading("not_found", reason, None, None, currency, "", 0.0, options.max_error, None, (), ())
    paths = by_value(best.paths, best.amount_format)
    if isinstance(model, SecondReaderInfo) and best.second:
        paths = corroborated(paths, best, model.fusion)
    paths = most_usual_first(paths, best.amount_format)
    value, cents, path, log_posterior = paths[0]
    confidence = calibrated(log_posterior, model.calibration)
    rival = paths[1][2].text if len(paths) > 1 else None
    point = operating_point(model, options.max_error)
    why = amount_refusal(path, cents, rival, confidence, point)
    if cents and minus_share(best.paths) >= LEAST_MINUS:
        why = Reason("negative_amount", "A minus sign may stand before the figures: no check pays a negative amount.")
    if _DATE.fullmatch(path.text):
        why = Reason("may_be_a_date", "Eight figures without a separator that are a date: forms have boxes for it.")
    return AmountReading(
        decision="refused" if why else "accepted",
        reason=why,
        value=value,
        cents=cents,
        currency=CURRENCY[best.amount_format],
        text=path.text,
        confidence=confidence,
        max_error=options.max_error,
        polygon=field_polygon(best.lattice, page),
        characters=characters_of(path, best.lattice, page),
        alternatives=tuple(AmountAlternative(other, calibrated(share, model.calibration)) for other, _, _, share in paths[1:]),
    )


def minus_share(paths: tuple[Path, ...]) -> float:
    """Share of the posterior of the paths that have one dash, and no fill of several, right before the first figure."""
    return sum(math.exp(path.log_posterior) for path in paths if _MINUS.match(path.text))


def by_value(paths: tuple[Path, ...], amount_format: AmountFormat) -> list[tuple[str, int, Path, float]]:
    """(value, cents, best path, log posterior of the value): texts that state the same value are added up, each by how usual its
    notation is. What the paths leave of the probability keeps its share."""
    usual = np.array([path.log_posterior + log_prior(path.text, amount_format) for path in paths])
    rest = max(1e-12, 1.0 - float(np.exp([path.log_posterior for path in paths]).sum()))
    total = float(np.logaddexp(np.logaddexp.reduce(usual), np.log(rest)))
    grouped: dict[str, tuple[int, list[tuple[float, Path]]]] = {}
    for path, share in zip(paths, usual - total, strict=True):
        amount = interpret(path.text, amount_format)
        grouped.setdefault(amount.value, (amount.cents, []))[1].append((float(share), path))
    merged = []
    for value, (cents, shares) in grouped.items():
        best = max(shares, key=lambda pair: pair[0])[1]
        merged.append((value, cents, best, min(0.0, float(np.logaddexp.reduce([share for share, _ in shares])))))
    return sorted(merged, key=lambda entry: -entry[3])


def most_usual_first(values: list[tuple[str, int, Path, float]], amount_format: AmountFormat) -> list[tuple[str, int, Path, float]]:
    """The entries of ``by_value`` with the one first that is likeliest as a sum that people pay. That decides which value is named,
    never how sure it is: what the readers did not see stays as unlikely as they say."""
    likeliest = max(values, key=lambda entry: entry[3] + round_log_prior(entry[1], amount_format))
    return [likeliest, *(entry for entry in values if entry is not likeliest)]


def opinions(values: list[tuple[str, int, Path, float]], best: FieldEvidence) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The logs (K,) that the first and the second reader give the entries of ``by_value``, each bounded below."""
    texts: dict[str, list[float]] = {}
    for path, opinion in zip(best.paths, best.second, strict=True):
        texts.setdefault(interpret(path.text, best.amount_format).value, []).append(opinion)
    first = [max(log_posterior, LEAST_POSTERIOR) for _, _, _, log_posterior in values]
    second = [max(float(np.logaddexp.reduce(texts[value])), LEAST_OPINION) for value, _, _, _ in values]
    return np.array(first), np.array(second)


def corroborated(values: list[tuple[str, int, Path, float]], best: FieldEvidence, fusion: Fusion) -> list[tuple[str, int, Path, float]]:
    """The entries of ``by_value`` with the log posterior of both readers, in its order."""
    joint = fused(*opinions(values, best), fusion)
    entries = [(value, cents, path, float(log)) for (value, cents, path, _), log in zip(values, joint, strict=True)]
    return sorted(entries, key=lambda entry: -entry[3])


def amount_refusal(path: Path, cents: int, rival: str | None, confidence: float, point: OperatingPoint) -> Reason | None:
    """Why the amount is refused, None where it is accepted."""
    if cents == 0:
        return Reason("zero_amount", "Zero is no amount of a check.")
    if confidence >= point.least_confidence:
        return None
    return refusal([(c.symbol, c.confidence, c.alternatives) for c in path.characters], rival, confidence, point)


def micr_reading(best: FieldEvidence | None, page: Page, model: ModelInfo, options: ReadOptions) -> MicrReading:
    """The MICR line from the winning band."""
    if best is None or len(best.paths[0].characters) < LEAST_MICR_CHARACTERS:
        reason = Reason("no_micr_line_found", "No row of E-13B characters was found in the lower part of the picture.")
        return MicrReading(
            "not_found", reason, "", "unknown", 0.0, options.max_error, None, (), None, None, None, None, None, None, None, (), ()
        )
    path = best.paths[0]
    raw = raw_line(best.lattice, path)
    parsed = seen_as_solved(parse_line(raw), path)
    confidence = calibrated(path.log_posterior, model.calibration)
    point = operating_point(model, options.max_error)
    why = micr_refusal(raw, path, best, confidence, point)
    return MicrReading(
        decision="refused" if why else "accepted",
        reason=why,
        raw=raw,
        form=parsed.form,
        confidence=confidence,
        max_error=options.max_error,
        polygon=field_polygon(best.lattice, page),
        characters=characters_of(path, best.lattice, page),
        routing_number=parsed.routing_number,
        routing_number_valid=parsed.routing_number_valid,
        account_number=parsed.account_number,
        check_number=parsed.check_number,
        auxiliary_on_us=parsed.auxiliary_on_us,
        external_processing_code=parsed.external_processing_code,
        amount=parsed.amount,
        solved_by_checksum=parsed.solved_by_checksum,
        parses=parsed.parses,
    )


def seen_as_solved(parsed: MicrFields, path: Path) -> MicrFields:
    """The fields without a digit that the checksum asks for, but that the unread character does not look like: a specimen's checksum is
    broken on purpose, and tells nothing of what is printed."""
    if not parsed.solved_by_checksum or parsed.routing_number is None:
        return parsed
    (place,) = parsed.solved_by_checksum
    unsolved = parsed.routing_number[:place] + UNREAD + parsed.routing_number[place + 1 :]
    line = "".join(c.symbol if c.confidence >= UNREAD_BELOW else UNREAD for c in path.characters)
    if unsolved not in line:
        return parsed
    character = path.characters[line.index(unsolved) + place]
    shares = dict([(character.symbol, character.confidence), *character.alternatives])
    if shares.get(parsed.routing_number[place], 0.0) >= LEAST_LIKE * character.confidence:
        return parsed
    return replace(parsed, routing_number=unsolved, routing_number_valid=False, solved_by_checksum=())


def micr_refusal(raw: str, path: Path, best: FieldEvidence, confidence: float, point: OperatingPoint) -> Reason | None:
    """Why the line is refused, None where it is accepted."""
    if UNREAD in raw:
        place = next(k for k, character in enumerate(raw.replace(" ", "")) if character == UNREAD)
        return Reason("unread_character", f"Character {place + 1} of the MICR line could not be read.")
    if _ALONE.match(raw):
        return Reason("incomplete_line", "One on-us symbol stands alone before the transit field: the field that it closes was not seen.")
    if confidence >= point.least_confidence:
        return None
    rival = best.paths[1].text if len(best.paths) > 1 else None
    return refusal([(c.symbol, c.confidence, c.alternatives) for c in path.characters], rival, confidence, point)


def digit_reading(best: FieldEvidence | None, page: Page, model: ModelInfo, options: ReadOptions) -> DigitReading:
    """A picture of one digit."""
    if best is None:
        reason = Reason("no_digit_found", "The picture holds no ink.")
        return DigitReading("not_found", reason, None, 0.0, options.max_error, None, ())
    path = best.paths[0]
    character = path.characters[0]
    confidence = calibrated(path.log_posterior, model.calibration)
    point = operating_point(model, options.max_error)
    why = None
    if confidence < point.least_confidence:
        why = refusal([(c.symbol, c.confidence, c.alternatives) for c in path.characters], None, confidence, point)
    others = tuple((symbol, share) for symbol, share in character.alternatives if symbol.isdigit())
    (outline,) = polygons_of(best.lattice.boxes[[character.arc]], page.page_to_image @ best.lattice.lattice_to_page)
    return DigitReading("refused" if why else "accepted", why, character.symbol, confidence, options.max_error, outline, others)
