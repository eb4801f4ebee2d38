"""The documents to download are read by a screen reader and filled in by keyboard."""

import io

import pikepdf
import pytest

from seeds.document_pdf import draw
from seeds.document_texts import DOCUMENTS, Blank, Document


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.file)
def test_document_is_tagged_named_and_in_french(document: Document) -> None:
    # std: UX-1
    with pikepdf.open(io.BytesIO(draw(document))) as pdf:
        assert pdf.Root.Lang == "fr-FR"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.open_metadata()["dc:title"] == document.title
        elements = list(pdf.Root.StructTreeRoot.K[0].K)
        assert [str(element.S) for element in elements].count("/H1") == 1
        # Each mark of each page leads back to its element: no word outside the reading order.
        numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        by_key = dict(zip(map(int, numbers[::2]), numbers[1::2], strict=True))
        marked = 0
        for page in pdf.pages:
            content = page.Contents.read_bytes()
            opened = content.count(b"BDC")
            assert opened == len(by_key[int(page.StructParents)]) > 0
            assert content.count(b"EMC") == opened + content.count(b"BMC")
            marked += opened
        fields = [widget for page in pdf.pages for widget in page.get("/Annots", [])]
        assert marked + len(fields) == len(elements)
        assert len(fields) >= sum(isinstance(block, Blank) for block in document.blocks)
        for widget in fields:
            assert str(widget.TU).strip()
            assert by_key[int(widget.StructParent)].K.Obj.objgen == widget.objgen


def test_the_same_words_give_the_same_bytes() -> None:
    assert draw(DOCUMENTS[0]) == draw(DOCUMENTS[0])
