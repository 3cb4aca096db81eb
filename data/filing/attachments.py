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
from core.filing.states import IN_REVIEW
from data.access import belonging
from data.access.visit import Visit
from data.directory import merged
from data.store.store import Transaction

#: What the first bytes say a file is; its name and what the browser claims are not believed.
_KINDS: Final = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
LARGEST: Final = 10 * 2**20
_MOST: Final = 200
#: Bytes that one enterprise may keep.
ROOM: Final = 200 * 2**20


#: Whether a file `a` was ever shown to the bureau: kept before a submission or named in what was submitted, or a document
#: of a correction. That of a draft is the filer's own.
SHOWN: Final = """(EXISTS (SELECT 1 FROM filings s WHERE s.enterprise_id = a.enterprise_id AND s.state <> 'draft'
        AND (a.added_at <= s.submitted_at OR contains(s.content, a.sha256)))
    OR EXISTS (SELECT 1 FROM facts c WHERE c.kind = 'enterprise.corrected' AND starts_with(c.subject, 'filing:' || a.enterprise_id || '.')
        AND starts_with(c.body->>'$.file', a.sha256)))"""


def _under_review(visit: Visit, enterprise_id: str, digest: str) -> bool:
    """Whether a filing of it that names the file waits for the visit: it may name another district than the enterprise's."""
    rows = visit.store.rows(
        f"SELECT id FROM filings WHERE enterprise_id = $1 AND state IN {IN_REVIEW} AND contains(content, $2)",  # noqa: S608
        [enterprise_id, digest],
    )
    return any(belonging.sees_filing(visit, row["id"]) for row in rows)


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
    if not belonging.sees_enterprise(visit, enterprise_id):
        raise Forbidden("没有这家企业，或不在您的管辖范围内，文件未上传。")
    name = _plain_name(name)
    kind = next((kind for start, kind in _KINDS.items() if content.startswith(start)), None)
    if kind is None:
        raise Refused(f"“{name}”不是 PDF、PNG 或 JPEG 文件（按内容判断），未上传。请转换格式后重试。")
    if len(content) > LARGEST:
        raise Refused(f"“{name}”有 {len(content) / 2**20:.1f} MB，超过 10 MB，未上传。请压缩后重试。")
    digest = hashlib.sha256(content).hexdigest()
    identity = f"{enterprise_id}.{digest}"

    def known(transaction: Transaction) -> bool:
        """Whether the file is kept already. Raises Refused when there is no room for it."""
        if transaction.get("attachments", identity):
            return True
        query = "SELECT id, bytes FROM attachments WHERE enterprise_id = $1"
        kept = dict(transaction.find(query, [enterprise_id]))
        pending = transaction.pending_rows("attachments")
        kept |= {each["id"]: each["bytes"] for each in pending if each["enterprise_id"] == enterprise_id}
        if len(kept) >= _MOST:
            raise Refused(f"已上传 {_MOST} 个文件，达到上限，“{name}”未上传。")
        if sum(kept.values()) + len(content) > ROOM:
            raise Refused(
                f"已上传的文件共 {sum(kept.values()) / 2**20:.1f} MB，加上“{name}”超过每家企业 {ROOM // 2**20} MB 的上限，"
                "未上传。请压缩后重试，或联系所在区经信部门。"
            )
        return False

    def job(transaction: Transaction) -> None:
        if not known(transaction):
            body = {"enterprise_id": enterprise_id, "sha256": digest, "name": name, "kind": kind, "bytes": len(content)}
            transaction.append(visit.actor, "attachment.added", f"attachment:{identity}", body)

    # Looked at first, so that no file is left behind for what is refused; and again where it counts.
    visit.write(known)
    folder = visit.store.folder / "attachments"
    folder.mkdir(exist_ok=True)
    _write(folder / digest, content)
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
    """The file and what is known of it, if the enterprise that it belongs to is within the scope today; what no
    submission has shown is the filer's alone. Raises Forbidden otherwise.
    """
    visit.check(Permission.FILING_READ, Permission.FILING_EDIT)
    query = f"SELECT a.sha256, a.id, a.enterprise_id, a.name, a.kind, a.bytes, {SHOWN} AS shown FROM attachments a WHERE a.sha256 = $1"  # noqa: S608
    # The same bytes may have been attached by several enterprises.
    found = [
        row
        for row in visit.store.rows(query, [digest])
        if (row.pop("shown") or row["enterprise_id"] == visit.enterprise_id)
        and (
            belonging.sees_enterprise(visit, row["enterprise_id"]) or _under_review(visit, row["enterprise_id"], digest)
        )
    ]
    if not found:
        raise Forbidden("没有这个文件，或不在您的管辖范围内。")
    return visit.store.folder / "attachments" / found[0].pop("sha256"), Attachment(**found[0])
