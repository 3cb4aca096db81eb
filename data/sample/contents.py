"""What the enterprises of the sample write into their filings: raw content, as typed, and explanations."""

from datetime import date
from typing import Any, Final

import numpy as np

from core.base.terms import PERIODS, SIZES
from core.filing import checks, size_rule
from core.filing.model import Content, read
from core.filing.round import Round
from core.rule import policy
from data.sample import figures, firms
from data.sample.figures import FIRST_THRESHOLD, THRESHOLD_CASES

#: Enterprises before this one have a plain story: admitted whenever they file, nothing to explain.
PLAIN: Final = FIRST_THRESHOLD + len(THRESHOLD_CASES)
_AMOUNTS: Final = tuple(checks.AMOUNTS)
_DEMANDS: Final = (
    (
        "scene",
        "寻找制造业质检应用场景",
        "已有成熟产品，希望与本市汽车零部件、光电子等企业开展联合试点，三个月内可完成部署。",
        "3个场景",
    ),
    ("scene", "寻找医疗影像辅助诊断合作医院", "算法已通过第三方测评，希望与三级医院开展多中心验证。", "2家医院"),
    ("compute", "租用智算中心算力", "行业大模型微调需要稳定的算力，希望按季度结算。", "200P算力"),
    ("data", "需要城市治理公开数据", "用于训练事件识别模型，希望通过授权运营取得脱敏数据。", "100万条"),
    ("talent", "招聘大模型算法工程师", "负责预训练与推理优化，硕士及以上学历，三年以上经验。", "10人"),
    ("finance", "拟开展A轮融资", "用于产品研发和市场拓展，希望对接本地产业基金。", "3000万元"),
    ("finance", "申请知识产权质押贷款", "订单增长较快，流动资金需要支持，可提供发明专利质押。", "500万元"),
    ("policy", "申请首版次软件认定辅导", "产品为行业内首次应用，希望了解认定条件与申报流程。", ""),
)
_EXPLANATIONS: Final = {
    "size_differs": (
        "社保人数不含劳务派遣和驻外员工，按从业人员期末总数对照划型标准应归入所填规模。",
        "上年末由主管部门按审计营业收入划型，期内人员变动较大，暂按原认定规模申报。",
    ),
    "parts_differ": (
        "差额为算法授权费与技术咨询服务收入，合同中未拆分到软件产品或硬件产品，见审计报告附注。",
        "差额系模型训练服务收入，财务单独列入其他业务科目，未归入软件、硬件两类。",
    ),
    "year_on_year": (
        "本年新签两个智慧园区项目合同并已验收，单项金额占全年六成以上，收入随之大幅变动。",
        "年内完成业务重组，一条产品线在集团内划转，收入口径随之变化，合同与协议可供查验。",
    ),
    "share_crossed": (
        "首次保存时把系统集成收入的归类弄反了，后按审计报告和合同分类逐笔调整。",
        "初稿按在手订单估算，定稿改按财务部门的收入分类台账填列，故占比变化。",
    ),
}
_FALLBACK: Final = "该金额来自财务报表，与合同台账、开票记录逐笔比对一致，因项目集中交付而偏高。"


def _wan(yuan: int) -> str:
    """Yuan as a filer types 万元: two decimals, four when they are needed."""
    whole, rest = divmod(yuan, 10_000)
    return f"{whole}.{rest:04d}" if rest % 100 else f"{whole}.{rest // 100:02d}"


class Contents:
    """The contents of all filings of the sample; `first`: the year before last; rounds are 0, 1, 2."""

    def __init__(self, rng: np.random.Generator, parameters: dict[str, Any], year: int) -> None:
        self.first = year - 2
        self.firms, hardware = firms.draw(rng, parameters, year)
        self.known = int(parameters["source_verified"]["prev_year_2023"]["firms"])
        count = len(self.firms)
        drawn = figures.draw(rng, hardware)
        self._columns: list[list[list[list[int]]]] = drawn.columns.tolist()
        self._kind_missing: list[bool] = drawn.kind_missing.tolist()
        self._parts_differ: list[int] = drawn.parts_differ.tolist()
        self._jumps: list[list[bool]] = _jumps(drawn.columns).tolist()
        self._quarters: list[bool] = (rng.random(count) < 0.7).tolist()
        assets = drawn.columns[:, :, 3, 0] * rng.uniform(0.5, 1.9, (count, 3))
        self._assets: list[list[int]] = (np.floor(assets / 100).astype(np.int64) * 100).tolist()
        self._has_assets: list[bool] = (rng.random(count) < 0.6).tolist()
        plain = np.arange(count) < PLAIN
        differs = np.where((rng.random(count) < 0.08) & ~plain, rng.integers(0, 3, count), -1)
        self._size_differs: list[int] = differs.tolist()
        self._staff = _staff(rng, drawn.employees, plain)
        self._rights = _rights(rng, drawn.employees, int(parameters["source_verified"]["with_ip"]))
        wanted = np.where(rng.random(count) < 0.3, rng.integers(1, 3, count), 0).tolist()
        chosen = rng.integers(0, len(_DEMANDS), count).tolist()
        months = rng.integers(3, 13, count).tolist()
        self._demands = [
            [_demand((chosen[i] + 3 * n) % len(_DEMANDS), f"{year + 1}-{months[i]:02d}-28") for n in range(wanted[i])]
            for i in range(count)
        ]
        self._rows: dict[tuple[int, int, int], dict[str, Any]] = {}

    def content(self, i: int, k: int, *, quarters_over: int = 4, assets: bool = False) -> Content:
        """What enterprise `i` files in round `k`. `assets`: 资产总额 is given whoever it is."""
        firm = self.firms[i]
        basic: dict[str, Any] = {
            "enterprise_name": firm.name,
            "uscc": firm.uscc,
            **firm.basic,
            "size": self._size(i, k),
        }
        if assets or self._has_assets[i]:
            basic["total_assets"] = _wan(self._assets[i][k])
        rights = self._rights[i][k]
        technology = {**firm.technology, "ip_count": str(rights), **self._staff[i][k]}
        listed = technology.pop("ip_rights")[:rights]
        if listed:
            technology["ip_rights"] = listed
        years = [self._row(i, j, quarters_over) for j in range(k, -1, -1)]
        content: Content = {"basic": basic, "technology": technology, "business": {"years": years}}
        if self._demands[i]:
            content["market"] = {"demands": self._demands[i]}
        return content

    def mistaken(self, i: int, k: int, content: Content) -> Content:
        """`content` with an AI revenue on the other side of the line it is nearest to, as first saved."""
        total, ai = self._columns[i][k][3][:2]
        share = next(bp for bp, above in ((4300, 5000), (5600, 2000), (2600, -1)) if ai * 10_000 > total * above)
        years = list(content["business"]["years"])
        column = {**years[0]["full_year"], "ai_revenue": _wan(total * share // 1_000_000 * 100)}
        years[0] = {**years[0], "full_year": column}
        return {**content, "business": {"years": years}}

    def explanations(
        self, i: int, content: Content, this_round: Round, today: date, *, first: Content | None
    ) -> dict[str, str]:
        """A sentence for every 核实 finding; the checks are run only where the numbers can give one."""
        k = this_round.year - self.first
        parts = 0 <= self._parts_differ[i] <= k
        if not (parts or self._size_differs[i] == k or self._jumps[i][k] or first):
            return {}
        context = checks.Context(
            this_round, today, policy.shipped()[-1], first_draft=read(first)[0] if first is not None else None
        )
        return {
            found.key: _EXPLANATIONS.get(found.code, (_FALLBACK,) * 2)[i % 2]
            for found in checks.run(content, context)
            if found.severity == "explain"
        }

    def _row(self, i: int, j: int, quarters_over: int) -> dict[str, Any]:
        """One 年度; newcomers give the year before they came as a whole only."""
        if (j == 0 and i >= self.known) or (j == 2 and not self._quarters[i]):
            quarters_over = 0
        elif j < 2:
            quarters_over = 4
        key = (i, j, quarters_over)
        if key not in self._rows:
            names = _AMOUNTS[:2] if self._kind_missing[i] else _AMOUNTS
            row: dict[str, Any] = {"year": str(self.first + j)}
            for position, period in enumerate(PERIODS):
                if position < quarters_over or period == "full_year":
                    amounts = self._columns[i][j][position]
                    row[period] = {name: _wan(amounts[at]) for at, name in enumerate(names)}
            self._rows[key] = row
        return self._rows[key]

    def _size(self, i: int, k: int) -> str:
        computed = size_rule.enterprise_size(
            self.firms[i].industry,
            employees=int(self._staff[i][k]["insured_staff"]),
            revenue=self._columns[i][k][3][0],
            assets=None,
        )
        assert computed is not None
        size = size_rule.form_size(computed)
        if self._size_differs[i] != k:
            return size
        order = list(SIZES)
        return (
            order[order.index(size) - 1]
            if size == "large" or (size == "medium" and i % 2)
            else order[order.index(size) + 1]
        )


def _jumps(columns: figures.Ints) -> figures.Flags:
    """[enterprise, round]: some figure is far enough from a year ago that a check may ask why."""
    now, then = columns[:, 1:, :, :2], columns[:, :-1, :, :2]
    far = (now > 3 * then) | (now * 10 < then * 4)
    jumps = np.zeros(columns.shape[:2], dtype=np.bool_)
    jumps[:, 1:] = far.any(axis=(2, 3))
    return jumps


def _staff(rng: np.random.Generator, employees: figures.Ints, plain: figures.Flags) -> list[list[dict[str, str]]]:
    """[enterprise][year]: the counts of people, the parts never more than the whole."""
    count = len(employees)
    shares = np.column_stack(
        [
            rng.beta(2, 60, count),
            rng.beta(4, 16, count),
            rng.beta(8, 9, count) * 0.8,
            rng.beta(4, 12, count),
            rng.beta(5, 10, count),
        ]
    )
    shares[:, :3] /= np.maximum(shares[:, :3].sum(axis=1, keepdims=True), 1)
    parts = np.floor(employees[:, :, None] * shares[:, None, :]).astype(np.int64)
    parts[:, :, 3] = np.maximum(parts[:, :, 3], np.where(plain[:, None], 1, 0))
    names = ("insured_doctors", "insured_masters", "insured_bachelors", "algorithm_staff", "software_staff")
    return [
        [
            {"insured_staff": str(whole), **{name: str(part) for name, part in zip(names, split, strict=True)}}
            for whole, split in zip(wholes, splits, strict=True)
        ]
        for wholes, splits in zip(employees.tolist(), parts.tolist(), strict=True)
    ]


def _rights(rng: np.random.Generator, employees: figures.Ints, owners: int) -> list[list[int]]:
    """[enterprise][year]: 自主知识产权数量, negative binomial among owners, more with the larger."""
    count = len(employees)
    owned = np.maximum(rng.negative_binomial(0.7, 0.7 / 32.7, owners), 1)
    drawn = np.sort(np.concatenate([np.zeros(count - owners, dtype=np.int64), owned]))
    rank = np.argsort(np.argsort(np.log(employees[:, 1]) + rng.normal(0, 1.2, count)))
    last = drawn[rank]
    counts: list[list[int]] = np.column_stack([last * 3 // 4, last, (last * 23 + 10) // 20]).tolist()
    return counts


def _demand(number: int, needed_by: str) -> dict[str, str]:
    kind, title, description, scale = _DEMANDS[number]
    written = {"kind": kind, "title": title, "description": description, "needed_by": needed_by}
    return written | ({"scale": scale} if scale else {})
