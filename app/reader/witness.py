"""The amount that a bank has printed into the MICR line as a witness for the courtesy amount.

The bank of first deposit keys the amount and prints it into positions 1 to 12 of the line (X9.100-160). Where both were read surely,
they agree or something is wrong: an altered amount, a keying error, a misread.
"""

from __future__ import annotations

from dataclasses import replace

from app.reader.types import AmountReading, MicrReading, Reason

NEVER_OVERRULED = frozenset({"zero_amount", "negative_amount"})  # reasons that no witness takes away


def with_witness(amount: AmountReading | None, micr: MicrReading | None) -> AmountReading | None:
    """The amount after the witness: accepted where it is the best value and the MICR line with the same amount was accepted,
    refused where an accepted line says another amount. Without a witness the amount stays as it is."""
    if amount is None or amount.value is None or micr is None or micr.amount is None or micr.decision != "accepted":
        return amount
    if float(micr.amount) == 0.0:
        return amount
    if abs(float(micr.amount) - float(amount.value)) < 0.005:
        surer = 1.0 - (1.0 - amount.confidence) * (1.0 - micr.confidence)
        refused_for_doubt = amount.decision == "refused" and amount.reason is not None and amount.reason.code not in NEVER_OVERRULED
        if refused_for_doubt or amount.decision == "accepted":
            return replace(amount, decision="accepted", reason=None, confidence=surer)
        return amount
    text = f"The MICR line says {micr.amount}, the courtesy amount reads {amount.value}."
    return replace(amount, decision="refused", reason=Reason("micr_amount_differs", text))
