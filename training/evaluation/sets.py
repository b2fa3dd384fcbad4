"""The sets that are measured, read one after the other through the reader."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.pipeline import CheckReader
from app.reader.types import ReadOptions, Scope
from training.data.checks import CheckPicture
from training.data.digits import load_npz_set
from training.data.images import CharacterImages
from training.data.mnist import load_mnist
from training.data.orand import AmountPicture
from training.evaluation.amount_fields import has_amount
from training.measure import Answer, amount_answer, micr_answer, read_file


@dataclass(frozen=True, slots=True)
class Measured:
    """The answers of one set and the milliseconds that one reading took, as the median."""

    name: str
    answers: tuple[Answer, ...]
    milliseconds: float


def measure(name: str, readings: Sequence[Callable[[], Answer]]) -> Measured:
    """Run the readings of a set, one after the other."""
    answers, spent = [], []
    for read in readings:
        begin = time.perf_counter()
        answers.append(read())
        spent.append((time.perf_counter() - begin) * 1000.0)
    return Measured(name, tuple(answers), float(np.median(spent)) if spent else 0.0)


def orand(reader: CheckReader, pictures: Sequence[AmountPicture]) -> Measured:
    """Real courtesy amounts, cut out: format ``plain``, labels after corrections."""
    options = ReadOptions(scope=Scope.COURTESY_AMOUNT, amount_format="plain")
    return measure("orand_car_a_dev", [partial(orand_answer, reader, picture, options) for picture in pictures])


def orand_answer(reader: CheckReader, picture: AmountPicture, options: ReadOptions) -> Answer:
    """One cut-out amount."""
    return amount_answer(read_file(reader, picture.path, options), picture.path.name, picture.path.stem, picture.text)


def as_published(measured: Measured, pictures: Sequence[AmountPicture]) -> Measured:
    """The same answers, right or wrong by the labels as published."""
    judged = tuple(
        replace(answer, truth=picture.published, right=answer.value is not None and int(answer.value) == int(picture.published))
        for answer, picture in zip(measured.answers, pictures, strict=True)
    )
    return Measured(f"{measured.name}_as_published", judged, measured.milliseconds)


def check_options(_check: CheckPicture) -> ReadOptions:
    """The options for a whole check: the defaults, so that the reader finds out the notation itself."""
    return ReadOptions()


def whole_checks(reader: CheckReader, checks: Sequence[CheckPicture]) -> dict[str, list[Answer]]:
    """Answers by field for whole checks, wherever the truth of the field is known."""
    out: dict[str, list[Answer]] = {"amount": [], "routing": [], "account": [], "check_number": []}
    names = {"routing": "routing_number", "account": "account_number", "check_number": "check_number"}
    for check in checks:
        reading = read_file(reader, check.path, check_options(check))
        if has_amount(check):
            out["amount"].append(amount_answer(reading, check.file, check.group, check.amount))
        truths = {"routing": check.micr_code, "account": check.micr_account, "check_number": check.check_number if check.micr_code else ""}
        for field, name in names.items():
            if truths[field]:
                out[field].append(micr_answer(reading, check.file, check.group, truths[field], name))
    return out


def of_source(found: dict[str, list[Answer]], source: str) -> dict[str, list[Answer]]:
    """The answers about the pictures of one source folder."""
    return {field: [a for a in answers if a.file.startswith(source)] for field, answers in found.items()}


def digits(reader: CheckReader, root: Path, most: int) -> dict[str, Measured]:
    """Single digits through the digit field, with the committed model."""
    sets = {
        "MNIST test": load_mnist(root, "test"),
        "CVL valid": load_npz_set(root, "cvl_valid"),
        "USPS test": load_npz_set(root, "usps_test"),
        "optdigits windep": load_npz_set(root, "optdigits_windep"),
    }
    return {title: measure(title, digit_readings(reader, title, loaded, most)) for title, loaded in sets.items()}


def digit_readings(reader: CheckReader, title: str, loaded: CharacterImages, most: int) -> list[Callable[[], Answer]]:
    """The readings of up to ``most`` digits of a set, picked by a fixed seed."""
    chosen = np.random.default_rng(5).permutation(len(loaded.images))[:most]
    return [partial(digit_answer, reader, loaded.images[k], str(loaded.labels[k]), f"{title} {k}") for k in chosen]


def digit_answer(reader: CheckReader, picture: npt.NDArray[np.uint8], label: str, file: str) -> Answer:
    """One digit, handed over as the PNG that a client would send."""
    padded = cv2.copyMakeBorder(picture, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=0)
    ok, png = cv2.imencode(".png", padded)
    if not ok:
        raise RuntimeError("a picture could not be written as PNG")
    return amount_answer(reader.read(png.tobytes(), ReadOptions(scope=Scope.DIGIT)), file, file, label)
