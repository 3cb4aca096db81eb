"""The log in words: which columns each log shows, what a fact says, what it changed. For the page and the export alike."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from core.access.organisations import SHIPPED as ORGANISATIONS
from core.access.permissions import PERMISSIONS
from core.access.roles import SCOPES
from core.audit.entry import LogEntry
from core.audit.facts import FACTS
from core.base import beijing, terms
from core.base.dictionaries import DISTRICTS
from core.base.parameters import PARAMETERS
from core.base.values import empty, shown
from core.enterprise.matching import PROJECT_STATES, SIDES
from core.filing.cells import field_of, label_of, split
from core.filing.model import DEMAND_KINDS, STEPS, Content, difference, in_words
from core.filing.round import LEGAL_HEAD, OBLIGED
from core.filing.states import STATE_AFTER, STATES
from core.meeting.meeting import SCREENS
from core.report.compose import REPORTS
from core.report.model import AUDIENCES
from core.rule.policy import clauses
from core.rule.policy import in_words as in_words_of_policy

#: What happened: kind of fact -> word.
EVENTS: Final = {kind: each.word for kind, each in FACTS.items()}
LOGS: Final = {"access": "访问", "operations": "操作", "trouble": "异常", "changes": "差异"}
#: On the page before and after stand where they are seen without scrolling; who and about whom behind them.
SHOWN: Final = {"changes": ("时间（北京）", "姓名", "事件", "字段", "之前", "之后", "对象", "账号", "企业", "序号")}
#: What the fields of facts other than saves are called; unknown ones show their code.
FIELDS: Final = {
    "path": "项目",
    "state": "状态",
    "username": "用户名",
    "name": "名称",
    "role": "角色",
    "district": "区属",
    "active": "启用",
    "demonstration": "演示账号",
    "enterprise_id": "企业编号",
    "uscc": "统一社会信用代码",
    "designation": "名单认定",
    "source": "来源",
    "year": "年度",
    "columns": "填报列",
    "opens": "开始日期",
    "closes": "截止日期",
    "reason": "原因",
    "reasons": "原因",
    "account_id": "账号编号",
    "way": "方式",
    "address": "地址",
    "page": "页面",
    "permission": "权限",
    "reference": "编号",
    "kind": "类型",
    "sentence": "说明",
    "from": "原状态",
    "bytes": "字节数",
    "sha256": "文件校验值",
    "round_id": "填报期",
    "filters": "条件",
    "must_change": "须修改密码",
    "principal": "填报负责人",
    "to": "接手账号",
    "position_id": "职位",
    "note": "说明",
    "organisation_id": "机构",
    "organisations": "自定义机构",
    "officer_id": "联系人",
    "parent": "上级机构",
    "obliged": "填报对象",
    "districts": "区属范围",
    **LEGAL_HEAD,
    "until": "截至",
    "level": "层级",
    "template": "模板",
    "message_id": "站内信编号",
    "value": "取值",
    "version": "版本",
    "effective_from": "生效日期",
    **{name: clause.label for name, clause in clauses().items()},
    "description": "说明",
    "scale": "金额或规模",
    "needed_by": "期望时间",
    "outcome": "结果",
    "project_id": "项目编号",
    "side": "哪一方",
    "agreed": "同意",
    "document": "依据文件",
    "file": "依据附件",
    "permissions": "权限",
    "scope": "数据范围",
    "second_factor": "两步验证",
    "password": "密码",
    "title": "标题",
    "text": "内容",
    "link": "链接",
    "recipients": "收件账号",
    "thread": "来信",
    "outgoing": "外发",
    "pinned": "置顶",
    "roles": "面向角色",
    "accounts": "账号数",
    "facts": "记录条数",
    "files": "文件数",
    "whole": "完整",
    "finding": "校验结果",
    "sql": "查询语句",
    "rows": "行数",
    "effective": "生效日期",
    "into": "并入企业编号",
    "into_name": "并入企业",
    "change": "调整事项",
    "target": "调整为（代码）",
    "target_name": "调整为",
    "report": "报表",
    "period": "期间",
    "audience": "用途",
    "format": "格式",
    "day": "日期",
    "provisional": "预判",
    "layer": "产业链层",
    "size": "企业规模",
    "compared": "比较的例会",
    "screen": "屏",
    "who": "责任人",
    "due": "期限",
    "done": "办结",
    "number": "序号",
    "as_of": "数据截至",
    "policy": "政策版本",
    "scenario": "本周测算",
}
_SUBJECTS: Final = {
    "filing": "填报",
    "enterprise": "企业",
    "account": "账号",
    "attachment": "证明材料",
    "designation": "名单",
    "round": "填报期",
    "session": "会话",
    "sign_in": "用户名",
    "export": "导出",
    "position": "职位",
    "role": "角色",
    "organisation": "机构",
    "message": "站内信",
    "notice": "公告",
    "policy": "政策版本",
    "parameter": "参数",
    "backup": "备份",
    "job": "任务",
    "query": "查询",
    "comment": "填报意见",
    "project": "项目",
    "match": "对接",
    "report": "报表",
    "meeting": "例会",
    "scenario": "测算",
}
_PLACES: Final = {code: node.name for code, node in ORGANISATIONS.items()}
_CODES: Final[dict[str, Mapping[str, str]]] = {
    "role": terms.ROLES,
    "district": DISTRICTS,
    "designation": terms.TIERS,
    "state": terms.NOTICES | STATES,
    "from": STATES,
    "permission": PERMISSIONS,
    "columns": terms.PERIODS,
    "scope": SCOPES,
    "organisation_id": _PLACES,
    "organisations": _PLACES,
    "parent": _PLACES,
    "permissions": PERMISSIONS,
    "obliged": OBLIGED,
    "districts": DISTRICTS,
    "roles": terms.ROLES,
    "audience": AUDIENCES,
    "report": REPORTS,
    "kind": {**DEMAND_KINDS, **terms.MESSAGES},
    "outcome": PROJECT_STATES,
    "side": SIDES,
    "change": terms.CHANGES,
    "layer": terms.LAYERS,
    "size": terms.SIZES,
    "screen": SCREENS,
}
#: What becomes of an enterprise as a whole.
_PLACED: Final = ("enterprise.moved", "enterprise.merged", "enterprise.unmerged", "enterprise.plan")
#: Longest value on the page.
SHORT: Final = 60


def effect(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What a fact sets: "field" -> value. Of a save "step.field"; of a decision the state and the reasons given."""
    if kind == "filing.saved":
        return dict(body.get("patch", {}))
    if kind == "filing.opened":
        content: Content = body.get("content", {})
        return {"state": "draft", **{path: new for path, (_, new) in difference({}, content).items()}}
    if kind == "enterprise.corrected" and "path" in body:
        return {body["path"]: body["after"]}
    if kind in STATE_AFTER:
        reasons = {f"reasons.{path}": text for path, text in (body.get("reasons") or {}).items()}
        return {"state": STATE_AFTER[kind], **reasons}
    if kind == "filing.undone":
        return {"state": body.get("state")}
    if kind == "meeting.frozen":  # what is kept with it is data, not something set
        policy = body.get("policy") or {}
        return {
            "as_of": body.get("as_of"),
            "policy": policy.get("version"),
            "compared": body.get("compared"),
            "scenario": body.get("scenario"),
        }
    if kind == "meeting.changed" and "parameters" in body:
        return {"scenario": body.get("scenario"), **body["parameters"]}
    if kind == "enterprise.moved":
        return {"district": body.get("district"), "effective": body.get("from"), "reason": body.get("reason")}
    if kind.startswith(_PLACED):
        names = {
            "change": "change",
            "into_name": "into_name",
            "target_name": "target_name",
            "from": "effective",
            "reason": "reason",
            "document": "document",
        }
        return {field: body[name] for name, field in names.items() if name in body}
    return dict(body)


def table(log: str, entries: Iterable[LogEntry], *, limit: int | None = None) -> list[dict[str, str]]:
    """Entries under Chinese headings; `limit`: the longest value shown, None for all of it."""
    return [cut for entry in entries for cut in _lines(log, entry, limit)]


def headings(log: str) -> list[str]:
    """The columns of one log."""
    example = LogEntry(0, datetime(2000, 1, 1), kind="", subject="", body={}, after={"": 1})
    return list(_lines(log, example, None)[0])


def _lines(log: str, entry: LogEntry, limit: int | None) -> list[dict[str, str]]:
    body = entry.body
    first = {
        "序号": str(entry.seq),
        "时间（北京）": f"{beijing.local(entry.at_utc):%Y-%m-%d %H:%M:%S}",
        "账号": entry.account,
        "姓名": entry.name,
        "企业": entry.enterprise,
        "事件": EVENTS.get(entry.kind, entry.kind),
    }
    session = (entry.session_id or "")[:8]  # enough to tell sessions apart, of no use to anybody else
    if log == "access":
        more = {
            "页面或文件": body.get("page") or body.get("name") or _unknown_user(entry),
            "说明": body.get("reason") or body.get("way") or body.get("filters") or "",
            "地址": body.get("address") or "",
        }
        return [_cut({**first, **more, "会话": session}, limit)]
    if log == "trouble":
        said = body.get("sentence") or (
            f"没有“{PERMISSIONS.get(body['permission'], body['permission'])}”的权限" if body.get("permission") else ""
        )
        more = {
            "页面": body.get("page") or _unknown_user(entry),
            "说明": said,
            "类型": body.get("kind") or "",
            "编号": body.get("reference") or "",
            "地址": body.get("address") or "",
        }
        return [_cut({**first, **more, "会话": session}, limit)]
    about = {"对象": _subject(entry)}
    if log == "operations":
        return [_cut({**first, **about, "内容": _content(entry.kind, body), "会话": session}, limit)]
    rows = body.get("rows", {}) if entry.kind == "filing.saved" else {}
    pairs = [line for path, new in entry.after.items() for line in _changed(path, entry.before.get(path), new, rows)]
    return [
        _cut({**first, **about, "字段": label, "之前": old, "之后": new}, limit)
        for label, old, new in pairs or [("—", "—", "—")]
    ]


def _cut(line: dict[str, str], limit: int | None) -> dict[str, str]:
    return {name: shown(text, limit) if limit else text for name, text in line.items()}


def _unknown_user(entry: LogEntry) -> str:
    """Who failed to sign in: there is no account to name, only what was typed."""
    prefix, _, rest = entry.subject.partition(":")
    return f"用户名 {rest}" if prefix == "sign_in" else ""


def _subject(entry: LogEntry) -> str:
    prefix, _, rest = entry.subject.partition(":")
    word, about = _SUBJECTS.get(prefix, prefix), entry.about
    if prefix == "filing":
        return f"{word} {about or rest.partition('.')[0]} {rest.partition('.')[2]}"
    if prefix == "attachment":
        return f"{word} {about} {entry.body.get('name') or ''}".strip()
    if prefix == "parameter" and rest in PARAMETERS:
        about = PARAMETERS[rest].label
    return f"{word} {about or rest}"


def _content(kind: str, body: Mapping[str, Any]) -> str:
    """What an operation was about, in a line."""
    if kind == "filing.saved":
        return "、".join(dict.fromkeys(_label(path, body.get("rows", {})) for path in body.get("patch", {})))
    if kind == "filing.opened":
        return f"填报期 {body.get('round_id', '')}"
    if kind == "enterprise.corrected" and "path" in body:
        after = _value(body["path"], body["after"])
        body = {
            "path": f"{body['label']}，{_value(body['path'], body['before'])} → {after}",
            **{k: body.get(k) for k in ("reason", "document")},
        }
    given = (
        effect(kind, body)
        if kind in (*STATE_AFTER, "filing.undone", "meeting.frozen", "meeting.changed") or kind.startswith(_PLACED)
        else body
    )
    return "；".join(f"{_label(name)}：{_value(name, value)}" for name, value in given.items() if not empty(value))


def _label(path: str, rows: Mapping[str, str] = MappingProxyType({})) -> str:
    if path.startswith("reasons."):
        about = path.removeprefix("reasons.")
        return f"原因（{_label(about, rows)}）" if about else "原因"
    step, name, way = split(path)
    if step == "explanations" or (step in STEPS and name in STEPS[step].model_fields):
        # Rows of older facts are known by their position.
        row = rows.get(".".join(path.split(".")[:3])) or (
            f"第 {int(way[0]) + 1} {'个年度' if name == 'years' else '条'}" if way and way[0].isdigit() else ""
        )
        return label_of(path, row)
    return FIELDS.get(path, path)


def _value(path: str, raw: Any) -> str:
    """A value in the words of its field, whatever it is: an old or a foreign fact must not break the log."""
    if empty(raw):
        return "—"
    if isinstance(raw, bool):
        return "是" if raw else "否"
    try:
        if path in clauses():
            return in_words_of_policy(path, raw)
        if about := field_of(path):
            return in_words(about, [raw] if about.row is not None and isinstance(raw, Mapping) else raw)
        codes = _CODES.get(path, {})
        return (
            "、".join(codes.get(item, str(item)) for item in raw) if isinstance(raw, list) else codes.get(raw, str(raw))
        )
    except (TypeError, AttributeError, ValueError, KeyError):
        return str(raw)


def _changed(path: str, old: Any, new: Any, names: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(field, before, after) lines: one for a value, one for each row that differs of a list of rows."""
    if old == new or (empty(old) and empty(new)):
        return []
    about = field_of(path)
    if (
        about and about.row is not None and any(isinstance(side, Mapping) for side in (old, new))
    ):  # one row came or went
        texts = [_value(path, side).removeprefix("第 1 条（").removesuffix("）") for side in (old, new)]
        return [(_label(path, names), texts[0], texts[1])]
    if not (about and about.row is not None) or not all(isinstance(side, list) or side is None for side in (old, new)):
        return [(_label(path, names), _value(path, old), _value(path, new))]
    before, after = old or [], new or []
    lines = []
    for number in range(max(len(before), len(after))):
        pair = [[side[number]] if number < len(side) else [] for side in (before, after)]
        if pair[0] != pair[1]:
            texts = [_value(path, side).removeprefix("第 1 条（").removesuffix("）") for side in pair]
            lines.append((f"{_label(path)}第 {number + 1} 条", texts[0], texts[1]))
    return lines
