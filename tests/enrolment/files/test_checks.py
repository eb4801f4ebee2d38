"""What is taken, what is refused and why, and what an image keeps."""

from __future__ import annotations

import io
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from enrolment.files.checks import inspect
from enrolment.files.refusals import FileRefused, RefusalCode, megabytes
from tests.enrolment.files import corpus


@cache
def _hostile() -> dict[str, tuple[bytes, RefusalCode]]:
    return corpus.hostile()


@cache
def _harmless() -> dict[str, bytes]:
    return corpus.harmless_pdfs()


@pytest.mark.parametrize("name", list(_hostile()))
def test_f2_hostile_file_is_refused_with_its_reason(name: str) -> None:
    # rule: F1, F2
    # std: SEC-10
    content, code = _hostile()[name]
    with pytest.raises(FileRefused) as refused:
        inspect(content, "piece.pdf")
    assert refused.value.code is code
    assert refused.value.http_status == 422
    # What is wrong, then what to do: at least two sentences, and the code never stands in for words.
    assert refused.value.message.count(".") + refused.value.message.count(":") >= 2
    assert str(code) not in refused.value.message


def test_every_reason_has_a_hostile_file() -> None:
    assert {code for _, code in _hostile().values()} == set(RefusalCode)


@pytest.mark.parametrize("name", list(_harmless()))
def test_f1_ordinary_pdf_is_taken_as_it_is(name: str) -> None:
    # rule: F1
    content = _harmless()[name]
    inspected = inspect(content, "Kbis été.PDF")
    assert inspected.content == content
    assert (inspected.content_type, inspected.extension, inspected.safe_name) == (
        "application/pdf",
        "pdf",
        "Kbis été.pdf",
    )
    assert inspected.pages == (12 if name == "several pages" else 1)


def test_f1_content_decides_the_type_not_the_name() -> None:
    # rule: F1
    assert inspect(corpus.good_png(), "photo.pdf").safe_name == "photo.png"
    assert inspect(corpus.good_jpeg(), "photo.png").content_type == "image/jpeg"


def test_f1_limit_is_exact_and_said_in_mo() -> None:
    # rule: F1
    pdf = corpus.good_pdf()
    assert inspect(pdf, "a.pdf", max_bytes=len(pdf)).size == len(pdf)
    with pytest.raises(FileRefused, match="fait 4,1 Mo ; la taille maximale est de 4 Mo"):
        inspect(pdf + b"\n" * (4 * 1024 * 1024 - len(pdf) + 1), "a.pdf")
    assert [megabytes(size) for size in (4 << 20, (4 << 20) + 1, 5 << 19)] == ["4 Mo", "4,1 Mo", "2,5 Mo"]


def test_f2_message_names_the_active_content() -> None:
    # rule: F2
    for name, words in {
        "pdf, launch": "lance un programme",
        "pdf, attachment": "fichier joint",
        "pdf, xfa form": "XFA",
        "pdf, javascript at opening": "JavaScript",
    }.items():
        with pytest.raises(FileRefused, match=words):
            inspect(_hostile()[name][0], "a.pdf")


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("orientation", [None, 1, 3, 6, 8])
def test_sec18_jpeg_loses_exif_and_keeps_pixels_and_orientation(orientation: int | None, progressive: bool) -> None:
    # std: SEC-18
    given_file = corpus.good_jpeg(orientation=orientation, progressive=progressive, gps=True)
    assert corpus.GPS_MARK in given_file
    hidden = b"PK\x03\x04 archive behind the picture"
    inspected = inspect(given_file + hidden, "photo.jpg")
    for leak in (corpus.GPS_MARK, corpus.COMMENT_MARK, b"Marque", hidden):
        assert leak not in inspected.content
    with Image.open(io.BytesIO(given_file)) as before, Image.open(io.BytesIO(inspected.content)) as after:
        assert before.tobytes() == after.tobytes()
        assert dict(after.getexif()) == ({} if orientation in (None, 1) else {0x0112: orientation})
    sides = (640, 420) if orientation in (None, 1, 3) else (420, 640)
    assert (inspected.width, inspected.height) == sides


@pytest.mark.parametrize("transparent", [False, True])
def test_sec18_png_loses_text_and_exif_and_keeps_pixels_and_orientation(transparent: bool) -> None:
    # std: SEC-18
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[0x001D] = corpus.GPS_MARK.decode()
    clean = corpus.good_png(transparent=transparent)
    extra = corpus.png_chunk(b"tEXt", b"Author\0" + corpus.COMMENT_MARK)
    extra += corpus.png_chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))
    given_file = clean[:33] + extra + clean[33:] + b"<script>behind</script>"
    inspected = inspect(given_file, "capture.png")
    for leak in (corpus.GPS_MARK, corpus.COMMENT_MARK, b"script"):
        assert leak in given_file
        assert leak not in inspected.content
    with Image.open(io.BytesIO(clean)) as before, Image.open(io.BytesIO(inspected.content)) as after:
        assert before.tobytes() == after.tobytes()
        assert dict(after.getexif()) == {0x0112: 6}
    assert (inspected.width, inspected.height) == (420, 640)


def test_sec18_jpeg_loses_its_thumbnail() -> None:
    # std: SEC-18
    plain = corpus.good_jpeg()
    thumbnail = bytes(range(48))
    # JFIF: the two last bytes of the header are the sides of a thumbnail whose pixels follow.
    header = plain[6:18] + b"\x04\x04" + thumbnail
    given_file = plain[:4] + (len(header) + 2).to_bytes(2, "big") + header + plain[20:]
    assert inspect(given_file, "photo.jpg").content == inspect(plain, "photo.jpg").content


def test_cleaned_image_is_stable() -> None:
    for content in (corpus.good_jpeg(orientation=6, gps=True), corpus.good_png()):
        once = inspect(content, "a").content
        assert inspect(once, "a").content == once


_STARTS = st.sampled_from([b"", b"%PDF-1.7\n", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"])
_ENDS = st.sampled_from([b"", b"\nstartxref\n0\n%%EOF", b"\xff\xd9"])


@given(start=_STARTS, middle=st.binary(max_size=2000), end=_ENDS, name=st.text(max_size=50))
def test_sec10_arbitrary_bytes_raise_nothing_but_a_refusal(start: bytes, middle: bytes, end: bytes, name: str) -> None:
    # std: SEC-10
    _taken_or_refused(start + middle + end, name)


@cache
def _good() -> tuple[bytes, ...]:
    compressed = corpus.harmless_pdfs()["compressed objects"]
    return corpus.good_pdf(), compressed, corpus.good_jpeg(orientation=6), corpus.good_png()


@given(
    which=st.integers(0, 3),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), min_size=1, max_size=5),
)
def test_sec10_altered_good_file_raises_nothing_but_a_refusal(which: int, cuts: list[tuple[float, bytes]]) -> None:
    # std: SEC-10
    content = bytearray(_good()[which])
    for place, replacement in cuts:
        position = int(place * len(content))
        content[position : position + len(replacement)] = replacement
    _taken_or_refused(bytes(content), "piece")


def _taken_or_refused(content: bytes, name: str) -> None:
    try:
        inspected = inspect(content, name)
    except FileRefused:
        return
    assert inspected.content_type in {"application/pdf", "image/jpeg", "image/png"}
