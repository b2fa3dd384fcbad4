"""The one file part ``image`` of a form, and everything that is none."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from starlette.testclient import TestClient

FORM = {"content-type": "multipart/form-data; boundary=frontier"}


def part(name: str, content: bytes, filename: str | None = "a.png") -> bytes:
    """One part of a form with the boundary ``frontier``."""
    named = f'; filename="{filename}"' if filename is not None else ""
    return f'--frontier\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + content + b"\r\n"


END = b"--frontier--\r\n"


@pytest.mark.parametrize(
    ("body", "headers", "status", "code", "said"),
    [
        (b"", {}, 422, "missing_image", "given parts: none"),
        (b"{}", {"content-type": "application/json"}, 415, "unsupported_media_type", "given: application/json"),
        (b"\x89PNG", {"content-type": "image/png"}, 415, "unsupported_media_type", "given: image/png"),
        (b"image=x", {"content-type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type", "multipart/form-data"),
        (part("image", b""), {"content-type": "multipart/form-data"}, 400, "malformed_upload", "boundary"),
        (b"nonsense", FORM, 400, "malformed_upload", "boundary"),
        (part("file", b"x") + END, FORM, 422, "missing_image", "given parts: file"),
        (END, FORM, 422, "missing_image", "given parts: none"),
        (part("image", b"x", filename=None) + END, FORM, 422, "missing_image", "must be a file"),
        (part("image", b"x") + part("image", b"y") + END, FORM, 422, "missing_image", "exactly one file part 'image'; given: 2"),
        (part("image", b"") + END, FORM, 400, "empty_file", "0 bytes"),
        (b"".join(part(f"p{k}", b"x") for k in range(40)) + END, FORM, 400, "malformed_upload", "at most 16 parts"),
        (part("note", b"x" * 70_000, None) + part("image", b"x") + END, FORM, 400, "malformed_upload", "form"),
    ],
)  # fmt: skip
def test_what_is_no_upload_is_named(client: TestClient, body: bytes, headers: dict[str, str], status: int, code: str, said: str) -> None:
    """Each mistake has its own code and says what was expected and what came."""
    response = client.post("/v1/checks", content=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert said in response.json()["detail"]


def test_part_without_a_type_or_with_an_odd_name_is_read(client: TestClient) -> None:
    """Only the name of the part counts."""
    body = part("image", b"x", filename="../../über check.PNG") + END
    assert client.post("/v1/checks", content=body, headers=FORM).status_code == 200


@given(cut=st.integers(0, 200), noise=st.binary(max_size=30))
@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_broken_forms_are_never_an_internal_error(client: TestClient, cut: int, noise: bytes) -> None:
    """Truncated and disturbed bodies get a reading or a problem of 4xx."""
    whole = part("note", b"text", None) + part("image", b"bytes of a picture") + END
    response = client.post("/v1/checks", content=whole[:cut] + noise + whole[cut + 5 :], headers=FORM)
    assert response.status_code == 200 or 400 <= response.status_code < 500
