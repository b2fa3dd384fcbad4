"""Examples of every answer, by path, for OpenAPI. A test holds them against the models of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DIGESTS = {"courtesy_amount": "sha256:" + "3f" * 32, "micr_e13b": "sha256:" + "a7" * 32, "courtesy_amount_sdnn": "sha256:" + "5c" * 32}
_SKEW = {"test": "excessive_image_skew", "result": "not_present", "value": 0.3, "limit": 5.0, "unit": "degrees", "advice": None}
_IMAGE = {
    "width_px": 1208,
    "height_px": 553,
    "dpi": 200.0,
    "skew_degrees": -0.3,
    "rotation_degrees": 0,
    "page": 0,
    "page_count": 1,
    "side": "front",
    "quality": [_SKEW],
}
_TIMINGS = {"decode": 2.1, "page": 3.9, "locate": 2.2, "segment": 1.4, "recognise": 4.8, "best_path": 1.0}
_AMOUNT = {
    "decision": "refused",
    "reason": {"code": "ambiguous_character", "text": "The third digit may be a 3 or an 8."},
    "value": "1234.56",
    "currency": "USD",
    "text": "$1,234.56",
    "confidence": 0.871,
    "max_error": 0.01,
    "box": [[812, 214], [1088, 214], [1088, 262], [812, 262]],
}
_CHARACTER = {
    "symbol": "1",
    "box": [[846, 219], [858, 219], [858, 259], [846, 259]],
    "confidence": 0.999,
    "alternatives": [{"symbol": "7", "confidence": 0.0006}],
}
_MICR = {
    "decision": "accepted",
    "reason": None,
    "raw": "⑆075911713⑆ 123456789⑈ 1237",
    "form": "us_personal",
    "confidence": 0.9997,
    "max_error": 0.01,
    "routing_number": "075911713",
    "routing_number_valid": True,
    "account_number": "123456789",
    "check_number": "1237",
    "auxiliary_on_us": None,
    "external_processing_code": None,
    "amount": None,
    "solved_by_checksum": [],
    "parses": [{"account_number": "123456789", "check_number": "1237", "why": "account, on-us symbol, check number"}],
    "printed_check_number": {
        "value": "1237",
        "confidence": 0.981,
        "box": [[1038, 54], [1104, 54], [1104, 92], [1038, 92]],
        "agrees_with_micr_line": True,
        "note": None,
    },
    "fractional_routing_number": None,
    "box": [[62, 508], [742, 508], [742, 532], [62, 532]],
}
_DIGIT = {
    "decision": "accepted",
    "reason": None,
    "value": "7",
    "confidence": 0.998,
    "max_error": 0.01,
    "box": [[7, 5], [21, 5], [21, 25], [7, 25]],
    "alternatives": [{"value": "1", "confidence": 0.0012}],
}
_EXPLAINED = {
    "cuts": [[[802.4, 211.0], [802.4, 262.8]], [[829.9, 211.0], [829.9, 262.8]], [[841.0, 213.2], [842.5, 238.0], [839.7, 262.8]]],
    "winner": {
        "text": "$1,234.56",
        "log_score": 78.214,
        "posterior": 0.871,
        "arcs": [{"symbol": "1", "source": 1, "target": 2, "box": _CHARACTER["box"], "log_score": 9.318, "probability": 0.999}],
        "stepped_over": [],
    },
    "runner_up": {
        "text": "$1,284.56",
        "log_score": 76.302,
        "posterior": 0.12,
        "arcs": [{"symbol": "1", "source": 1, "target": 2, "box": _CHARACTER["box"], "log_score": 9.318, "probability": 0.999}],
        "stepped_over": [],
    },
    "network": {
        "character": 1,
        "character_count": 9,
        "symbol": "1",
        "box": _CHARACTER["box"],
        "patch": {"least": -0.5, "greatest": 1.0, "levels": [[[85, 255], [0, 85]]]},
        "layers": [
            {
                "name": "c1",
                "kind": "convolution",
                "maps": 6,
                "side": 28,
                "kernel_px": 5,
                "stride_px": 1,
                "padding_px": 0,
                "receptive_field_px": 5,
                "jump_px": 1,
            }
        ],
        "filters": {"weights": [[[0.214091, -0.071182], [0.388127, -0.205511]]], "biases": [0.031408]},
        "c1": {"least": 0.0, "greatest": 1.041, "levels": [[[0, 12], [255, 31]]]},
        "s2": {"least": 0.0, "greatest": 1.041, "levels": [[[0, 255]]]},
        "c3": {"least": 0.0, "greatest": 2.219, "levels": [[[7, 0], [255, 64]]]},
        "s4": {"least": 0.0, "greatest": 2.219, "levels": [[[255, 64]]]},
        "c5": [0.0, 1.2208],
        "f6": [0.0, 12.8113],
        "scores": [{"symbol": "1", "probability": 0.999, "log_probability": -0.001}],
    },
    "network_missing": None,
}
_DIGIT_IMAGE = {**_IMAGE, "width_px": 28, "height_px": 28, "side": "unknown", "quality": []}

Example = Mapping[str, Any]


def _shown(summary: str, **parts: Any) -> Example:
    return {"summary": summary, "value": {"model": _DIGESTS, **parts}}


_CHECK: Mapping[str, Example] = {
    "refused_amount": _shown(
        "The amount is refused, the MICR line accepted", amount=_AMOUNT, micr=_MICR, image=_IMAGE, timings_ms=_TIMINGS
    ),
    "with_evidence": _shown(
        "fields=courtesy_amount&include=characters,alternatives",
        amount={**_AMOUNT, "characters": [_CHARACTER], "alternatives": [{"value": "1284.56", "confidence": 0.12}]},
        image=_IMAGE,
        timings_ms=_TIMINGS,
    ),
    "explained": _shown(
        "fields=courtesy_amount&include=explanation&character=1; every list abridged",
        amount={**_AMOUNT, "explanation": _EXPLAINED},
        image=_IMAGE,
        timings_ms=_TIMINGS,
    ),
}
_AMOUNT_FIELD: Mapping[str, Example] = {
    "refused": _shown("A refusal is an answer: value and reason are there", amount=_AMOUNT, image=_IMAGE, timings_ms=_TIMINGS)
}
_MICR_FIELD: Mapping[str, Example] = {"accepted": _shown("An accepted line", micr=_MICR, image=_IMAGE, timings_ms=_TIMINGS)}
_DIGIT_FIELD: Mapping[str, Example] = {"accepted": _shown("An accepted digit", digit=_DIGIT, image=_DIGIT_IMAGE, timings_ms=_TIMINGS)}

_MODELS: Mapping[str, Any] = {
    "version": "0.1.0",
    "device": "cpu",
    "models": {
        "courtesy_amount": {
            "digest": _DIGESTS["courtesy_amount"],
            "version": "1",
            "alphabet": [*"0123456789$,./-*#=", "rubbish", "stray"],
            "thresholds": [{"max_error": 0.01, "least_confidence": 0.93}],
        },
        "micr_e13b": {
            "digest": _DIGESTS["micr_e13b"],
            "version": "1",
            "alphabet": [*"0123456789⑆⑇⑈⑉", "rubbish", "stray"],
            "thresholds": [{"max_error": 0.01, "least_confidence": 0.87}],
        },
    },
}
POINTER: Mapping[str, Any] = {
    "name": "checkreader",
    "version": "0.1.0",
    "openapi": "/openapi.json",
    "read": {
        "check": "POST /v1/checks",
        "courtesy_amount": "POST /v1/fields/courtesy-amount",
        "micr_line": "POST /v1/fields/micr-line",
        "digit": "POST /v1/fields/digit",
    },
    "probes": ["/livez", "/readyz", "/metrics"],
}
EXAMPLES: Mapping[str, Mapping[str, Example]] = {
    "/v1/checks": _CHECK,
    "/v1/fields/courtesy-amount": _AMOUNT_FIELD,
    "/v1/fields/micr-line": _MICR_FIELD,
    "/v1/fields/digit": _DIGIT_FIELD,
    "/v1/model": {"models": {"summary": "Both models", "value": _MODELS}},
    "/livez": {"alive": {"summary": "Alive", "value": {"status": "alive"}}},
    "/readyz": {"ready": {"summary": "Ready", "value": {"status": "ready"}}},
    "/": {"pointer": {"summary": "What there is", "value": POINTER}},
}
METRICS_EXAMPLE = """# HELP checkreader_decisions_total Readings by field and decision
# TYPE checkreader_decisions_total counter
checkreader_decisions_total{decision="accepted",field="courtesy_amount"} 812.0
"""
