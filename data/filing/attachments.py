"""证明材料: files that a filer attaches, kept by their hash, served to those who may see the filer."""

import hashlib
import os
import re
import unicodedata
from pathlib import Path
from typing import Final

from core.access.permissions import Permission
from core.base.errors import Forbidden, Refused
from core.filing.attachment import Attachment
from data.access.visit import Visit
from data.directory import merged
from data.store.store import Transaction

#: What the first bytes say a file is; its name and what the browser claims are not believed.
_KINDS: Final = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
LARGEST: Final = 10 * 2**20
_MOST: Final = 200


def _plain_name(name: str) -> str:
    """A file name that can be shown, stored and sent: no path, no control characters, not overlong."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    name = re.sub(r"[\x00-\x1f\x7f\"<>|:*?%#\u200b-\u200f\u202a-\u202e]", "_", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    return f"{stem[:80] or '附件'}{dot}{ending[:8]}" if dot else name[:80] or "附件"


def add(visit: Visit, name: str, content: bytes) -> str:
    """Keep a file for the visiting enterprise; its address "sha256/name", as a filing's content holds it.

    The same file twice is kept once. Raises Refused for what is no PDF, PNG or JPEG, empty, or over 10 MB.
    """
    visit.check(Permission.FILING_EDIT)
    if visit.enterprise_id is None:
        raise Forbidden("只有企业账号可以上传证明材料。")
    if gone := merged.standing_words(visit.store).get(visit.enterprise_id):
        raise Refused(f"贵企业{gone}，文件未上传。")
    return keep(visit, visit.enterprise_id, name, content)


def keep(visit: Visit, enterprise_id: str, name: str, content: bytes) -> str:
    """As `add`, about an enterprise within the scope, by itself or by who corrects its data."""
    visit.check(Permission.FILING_EDIT, Permission.ENTERPRISE_CORRECT)
    filed = visit.store.rows("SELECT enterprise_id, district FROM filings WHERE enterprise_id = $1", [enterprise_id])
    if not any(map(visit.sees, filed or [{"enterprise_id": enterprise_id, "district": None}])):
        raise Forbidden("没有这家企业，或不在您的管辖范围内，文件未上传。")
    name = _plain_name(name)
    kind = next((kind for start, kind in _KINDS.items() if content.startswith(start)), None)
    if kind is None:
        raise Refused(f"“{name}”不是 PDF、PNG 或 JPEG 文件（按内容判断），未上传。请转换格式后重试。")
    if len(content) > LARGEST:
        raise Refused(f"“{name}”有 {len(content) / 2**20:.1f} MB，超过 10 MB，未上传。请压缩后重试。")
    digest = hashlib.sha256(content).hexdigest()
    identity = f"{enterprise_id}.{digest}"
    folder = visit.store.folder / "attachments"
    folder.mkdir(exist_ok=True)
    _write(folder / digest, content)

    def job(transaction: Transaction) -> None:
        if transaction.get("attachments", identity):
            return
        kept = transaction.find("SELECT count(*) FROM attachments WHERE enterprise_id = $1", [enterprise_id])
        if kept[0][0] >= _MOST:
            raise Refused(f"已上传 {_MOST} 个文件，达到上限，“{name}”未上传。")
        body = {"enterprise_id": enterprise_id, "sha256": digest, "name": name, "kind": kind, "bytes": len(content)}
        transaction.append(visit.actor, "attachment.added", f"attachment:{identity}", body)

    visit.write(job)
    return f"{digest}/{name}"


def _write(target: Path, content: bytes) -> None:
    """Write whole or not at all; on disk before it is acknowledged."""
    if target.exists() and target.stat().st_size == len(content):
        return
    temporary = target.with_suffix(f".{os.getpid()}.new")
    with temporary.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(target)


def open_for(visit: Visit, digest: str) -> tuple[Path, Attachment]:
    """The file and what is known of it, if it belongs to an enterprise within the scope. Raises Forbidden otherwise."""
    visit.check(Permission.FILING_READ, Permission.FILING_EDIT)
    condition, parameters = visit.scope_sql(2, enterprise="a.enterprise_id", district="f.district")
    query = f"""
        SELECT a.sha256, a.id, a.enterprise_id, a.name, a.kind, a.bytes FROM attachments a LEFT JOIN filings f ON f.enterprise_id = a.enterprise_id
        WHERE a.sha256 = $1 AND {condition} LIMIT 1"""  # noqa: S608
    found = visit.store.rows(query, [digest, *parameters])
    if not found:
        raise Forbidden("没有这个文件，或不在您的管辖范围内。")
    return visit.store.folder / "attachments" / found[0].pop("sha256"), Attachment(**found[0])
