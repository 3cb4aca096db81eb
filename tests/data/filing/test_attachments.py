"""证明材料: kept by hash, judged by their bytes, open only to those who may see the filer."""

import pytest

from core.base.errors import Forbidden, Refused
from data.filing import attachments, filings
from tests.core import samples
from tests.world import World

PDF = b"%PDF-1.7\n" + b"x" * 100
PNG = b"\x89PNG\r\n\x1a\n" + b"y" * 100


def test_a_file_is_kept_and_given_back_byte_for_byte(world: World) -> None:
    address = attachments.add(world.visit("enterprise"), "测评报告.pdf", PDF)
    digest, _, name = address.partition("/")
    path, row = attachments.open_for(world.visit("enterprise"), digest)
    assert (path.read_bytes(), row.name, row.kind, row.bytes) == (PDF, "测评报告.pdf", "application/pdf", len(PDF))
    assert name == "测评报告.pdf"


def test_the_same_file_twice_is_one_fact(world: World) -> None:
    visit = world.visit("enterprise")
    first = attachments.add(visit, "a.png", PNG)
    version = world.store.data_version
    assert attachments.add(visit, "a.png", PNG) == first
    assert world.store.data_version == version


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("程序.pdf", b"MZ\x90\x00", "不是 PDF"),
        ("空.pdf", b"", "不是 PDF"),
        ("网页.png", b"<html><script>", "不是 PDF"),
        ("大.pdf", b"%PDF-" + b"0" * attachments.LARGEST, "超过 10 MB"),
    ],
)
def test_what_is_no_document_is_refused_by_its_bytes(world: World, name: str, content: bytes, sentence: str) -> None:
    visit = world.visit("enterprise")
    version = world.store.data_version
    with pytest.raises(Refused, match=sentence) as refused:
        attachments.add(visit, name, content)
    assert name in str(refused.value)
    assert world.store.data_version == version


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\x\\报告.pdf", "报告.pdf"),
        ("a\u202efdp.exe.pdf", "a_fdp.exe.pdf"),
        ("\n.pdf", "_.pdf"),
    ],
)
def test_a_name_is_only_a_name(world: World, given: str, kept: str) -> None:
    assert attachments.add(world.visit("enterprise"), given, PDF).partition("/")[2] == kept


def test_only_those_who_may_see_the_enterprise_may_open_it(world: World) -> None:
    digest = attachments.add(world.visit("enterprise"), "a.pdf", PDF).partition("/")[0]
    world.submit("enterprise", samples.clean())  # filed in GX
    for persona in ("enterprise", "district", "city"):
        attachments.open_for(world.visit(persona), digest)
    for persona in ("other", "other_district", "administrator"):
        with pytest.raises(Forbidden):
            attachments.open_for(world.visit(persona), digest)


def test_a_bureau_account_cannot_upload(world: World) -> None:
    with pytest.raises(Forbidden):
        attachments.add(world.visit("city"), "a.pdf", PDF)


def test_an_attached_file_stands_in_the_filing(world: World) -> None:
    visit = world.visit("enterprise")
    address = attachments.add(visit, "a.pdf", PDF)
    content = samples.put(
        samples.clean(),
        {"technology.products.0": samples.clean()["technology"]["products"][0] | {"attachments": [address]}},
    )
    filing = world.submit("enterprise", content)
    assert filings.one(visit, filing.id).content["technology"]["products"][0]["attachments"] == [address]


def test_a_made_up_address_blocks_submission(world: World) -> None:
    content = samples.put(
        samples.clean(),
        {"technology.products.0": samples.clean()["technology"]["products"][0] | {"attachments": ["../x"]}},
    )
    with pytest.raises(Refused, match="证明材料"):
        world.submit("enterprise", content)


def test_an_enterprise_keeps_so_many_bytes_and_no_file_is_left_of_what_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "ROOM", 3 * len(PDF))
    visit = world.visit("enterprise")
    for number in range(3):
        attachments.add(visit, f"{number}.pdf", PDF[:-1] + b"%d" % number)
    attachments.add(visit, "again.pdf", PDF[:-1] + b"0")  # kept already: costs nothing
    with pytest.raises(Refused, match="超过每家企业"):
        attachments.add(visit, "3.pdf", PDF[:-1] + b"3")
    assert len(list((world.store.folder / "attachments").iterdir())) == 3
    attachments.add(world.visit("other"), "3.pdf", PDF[:-1] + b"3")
