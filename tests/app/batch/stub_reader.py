"""A reader whose answer stands in the file itself, behind the picture: for tests of everything around reading.

``picture(tmp_path, "a.png", "amount=12.34;decision=refused")`` writes a real PNG with that order behind its end. Orders:
``amount``, ``micr`` (routing/account/check), ``digit``, ``decision``, ``sleep`` (seconds), ``fail=input|defect``, ``die``.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import cast

import numpy as np
from PIL import Image

from app.errors import CorruptImage, ModelError
from app.reader.types import (
    Alphabet,
    AmountReading,
    CheckReading,
    Decision,
    DigitReading,
    ImageDescription,
    ImageQuality,
    MicrReading,
    ModelInfo,
    ReadOptions,
    Reason,
)
from tests.app.api.stub_reader import StubRecogniser

MODEL = ModelInfo("courtesy_amount", "sha256:00", "1", Alphabet(("0", "rubbish")), ((0.01, 0.9),), (1.0, 0.0))
MARK = b"\norder:"


def picture(folder: Path, name: str, order: str = "amount=1.00", pages: int = 1) -> Path:
    """Write a small real picture with an order behind its end."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(np.full((40, 80), 255, np.uint8))
    if pages > 1:
        image.save(path, save_all=True, append_images=[image] * (pages - 1))
    else:
        image.save(path)
    with path.open("ab") as file:
        file.write(MARK + order.encode())
    return path


class StubReader:
    """Answers what the order behind the picture says."""

    @property
    def recogniser(self) -> StubRecogniser:
        return StubRecogniser()

    def read(self, data: bytes, options: ReadOptions) -> CheckReading:
        """A reading as ordered."""
        order = dict(part.partition("=")[::2] for part in data.rpartition(MARK)[2].decode().split(";"))
        time.sleep(float(order.get("sleep", "0")))
        if "die" in order:
            os.kill(os.getpid(), signal.SIGKILL)
        if order.get("fail") == "input":
            raise CorruptImage("The picture is broken.")
        if order.get("fail") == "defect":
            raise ZeroDivisionError("a secret of a library")
        return reading(order, options.page_index)


def reading(order: dict[str, str], page_index: int = 0) -> CheckReading:
    """A reading out of an order."""
    decision = cast(Decision, order.get("decision", "accepted"))
    reason = Reason("ambiguous_character", "The first digit may be a 3 or an 8.") if decision == "refused" else None
    amount, micr = order.get("amount"), order.get("micr")
    return CheckReading(
        models=(MODEL,),
        amount=_amount(amount, decision, reason) if amount is not None else None,
        micr=_micr(micr, decision, reason) if micr is not None else None,
        digit=DigitReading(decision, reason, order["digit"], 0.9, 0.01, None, ()) if "digit" in order else None,
        image=ImageDescription(80, 40, 0.0, 0.0, 0, page_index, 1, ImageQuality(())),
        timings_ms={"decode": 1.0},
    )


def _amount(value: str, decision: Decision, reason: Reason | None) -> AmountReading:
    return AmountReading(decision, reason, value or None, None, "USD", f"${value}", 0.9, 0.01, None, (), ())


def _micr(numbers: str, decision: Decision, reason: Reason | None) -> MicrReading:
    routing, account, check = (number or None for number in numbers.split("/"))
    return MicrReading(
        decision, reason, f"⑆{routing}⑆ {account}⑈ {check}", "us_personal", 0.9, 0.01, None, (),
        routing, True, account, check, None, None, None, (), (),
    )  # fmt: skip


def make() -> StubReader:
    """A reader factory that a worker process can import."""
    return StubReader()


def make_with(settings: object) -> StubReader:
    """A factory that takes settings, as the commands call it."""
    return StubReader()


def make_refused() -> StubReader:
    """A factory whose models are not what they should be."""
    raise ModelError("the model has another digest")


def make_dying() -> StubReader:
    """A factory that takes its process with it."""
    os._exit(7)
