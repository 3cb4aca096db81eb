"""`make bench`: ratios, each pair measured side by side in one run. Not timed tests.

Reruns of every page against a page that only says hello, at the same kind of server; the rule against
hand-written Polars; saves from many threads against one; starts.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from streamlit.proto.BackMsg_pb2 import BackMsg

from core.access.roles import SHIPPED
from core.base.dictionaries import DISTRICTS
from core.enterprise import query as enterprise_query
from core.enterprise.query import Query
from core.rule.classification import classify
from core.rule.policy import Policy
from core.what_if.surface import profile, surface
from data.access import accounts, credentials, sessions
from data.enterprise import search as enterprise_search
from data.filing import filings
from data.projections import project
from data.sample import people
from data.statistics.talent import FILED
from data.store.store import Store, Transaction
from tests.bench import by_hand
from tests.server import ROOT, Server, Tab, _wait, environment, free_port, prepare, running
from tests.world import World
from ui.base.menu import PAGES

RERUNS = 40


def median_ms(act: Callable[[], object], times: int = RERUNS) -> float:
    act()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def line(what: str, value: float, unit: str, ratio: float | None = None) -> None:
    print(f"{what:<42}{value:>10.1f} {unit}" + (f"{ratio:>9.1f} ×" if ratio is not None else ""), flush=True)


def pages(folder: Path) -> None:
    print("\n页面重算（中位数；倍数为与只说 hello 的页面之比）")
    with Store(folder, project=project) as store:
        tokens = {
            role: sessions.start(store, account, way="bench", address=None, agent=None)
            for role, account in {
                "enterprise": accounts.platform_account_id(accounts.DEMONSTRATION_ISSUER, people.FILERS[1].uscc),
                "city_officer": "local-shiji",
                "administrator": "local-admin",
            }.items()
        }
    with running(folder) as server:
        floor = hello(folder)
        for _, path, title, _, permission in PAGES:
            role = next(role for role in tokens if permission in SHIPPED[role].permissions)
            with server.tab(tokens[role]) as tab:
                rerun(tab, title, path, floor)
        taken = trials(server, tokens["city_officer"])
        line("阈值测算：拖动到新的数", taken, "ms", taken / floor)


def rerun(tab: Tab, title: str, path: str, floor: float) -> None:
    name = Path(path).stem
    tab.run(name)
    taken = median_ms(lambda: tab.run(name))
    line(title, taken, "ms", taken / floor)


def hello(folder: Path) -> float:
    """The median rerun of a page that only says hello, in ms; its line is printed."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.hello_app"],
        cwd=ROOT,
        env=environment(folder, port),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        server = Server(f"http://127.0.0.1:{port}", process, folder / "hello.log")
        for _ in range(100):
            try:
                tab = server.tab()
                break
            except OSError:
                time.sleep(0.1)
        with tab:
            floor = median_ms(tab.run)
        line("hello", floor, "ms", 1.0)
        return floor
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def dashboards() -> None:
    print("\n十万家企业、五个年度的统计页面重算（中位数；倍数为与只说 hello 的页面之比）")
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "library"
        tokens = prepare(
            folder, lambda world: many_enterprises(world.store, 100_000, years=(2021, 2022, 2023, 2024, 2025))
        )
        with running(folder) as server:
            floor = hello(folder)
            for section, path, title, _, permission in PAGES:
                if section == "统计分析" and permission in SHIPPED["city_officer"].permissions:
                    with server.tab(tokens["city"]) as tab:
                        rerun(tab, title, path, floor)


def trials(server: Server, token: str) -> float:
    """The time from a line moved to where it has never been to the page with the new figures."""
    lines = iter(range(2_503, 9_999, 37))
    with server.tab(token) as tab:
        tab.run("what_if")

        def drag() -> None:
            message = BackMsg()
            message.rerun_script.page_name = "what_if"
            message.rerun_script.query_string = f"core_share_bp={next(lines)}"
            tab.ask(message)

        return median_ms(drag)


def sample_of(count: int) -> pl.DataFrame:
    """`count` enterprises as the rule asks for them."""
    rng = np.random.default_rng(1)
    total = rng.integers(1, 10**10, count)
    ai = (total * rng.random(count)).astype(np.int64)
    software = (ai * rng.random(count)).astype(np.int64)
    return pl.DataFrame(
        {"total_revenue": total, "ai_revenue": ai, "software_revenue": software, "hardware_revenue": ai - software}
    )


def rule() -> None:
    """Everybody gives the same six columns of the same types, which is looked at before it is timed."""
    policy = Policy()
    for count, words, times in ((1_000_000, "一百万行", 7), (10_000_000, "一千万行", 3)):
        print(f"\n统计规则（{words}，六列结果相同；倍数为与手写 Polars 之比）")
        frame = sample_of(count)
        ways: dict[str, Callable[[], object]] = {
            "手写 Polars": lambda frame=frame: by_hand.polars_rule(frame),
            "core.rule.classification.classify（Polars）": lambda frame=frame: classify(frame, policy),
        }
        same = classify(frame, policy)
        assert by_hand.polars_rule(frame).select(same.columns).equals(same)
        if count == 1_000_000:
            known = {name: frame[name].to_numpy() for name in frame.columns}
            ways |= {name: (lambda way=way, known=known: way(known)) for name, way in by_hand.others(same).items()}
        del same
        taken = {name: median_ms(way, times) for name, way in ways.items()}
        for name, value in taken.items():
            line(name, value, "ms", value / taken["手写 Polars"])


def surfaces() -> None:
    """Each whole grid against one evaluation of the rule, taken in turns in the same run."""
    print("\n敏感性（一百万行，101 × 101；倍数为与算一次规则之比）")
    frame, policy = sample_of(1_000_000), Policy()
    frame = frame.with_columns(district=pl.Series(np.random.default_rng(2).integers(0, 16, frame.height)))
    x, y = ("core_share_bp", tuple(range(0, 10_001, 100))), ("core_ai_revenue", tuple(range(0, 100_000_001, 1_000_000)))
    once = median_ms(lambda: classify(frame, policy), 7)
    line("算一次规则", once, "ms", 1.0)
    for what, act in {
        "全市": lambda: surface(frame, policy, x, y),
        "各区": lambda: surface(frame, policy, x, y, by="district"),
        "两条占比线": lambda: surface(frame, policy, x, ("related_share_bp", x[1])),
        "一条线的全部取值": lambda: profile(frame, policy, "core_share_bp"),
    }.items():
        taken = median_ms(act, 7)
        line(what, taken, "ms", taken / once)


def saves() -> None:
    print("\n保存（每次都已落盘；倍数为与单线程之比）")
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "library")
        visit = world.visit("enterprise")
        filing = world.save("enterprise")
        name = filing.content["basic"]["contact_name"]
        count = 100
        start = time.perf_counter()
        for number in range(count):
            filings.save(visit, filing.id, {"basic.contact_name": (name, name := f"甲{number}")})
        single = count / (time.perf_counter() - start)
        line("一个线程", single, "次/秒", 1.0)

        def job(name: str) -> None:
            for number in range(20):
                credentials.record_failure(world.store, f"{name}-{number}", None)

        threads = [threading.Thread(target=job, args=(f"u{i}",)) for i in range(64)]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        many = 64 * 20 / (time.perf_counter() - start)
        line("六十四个线程", many, "次/秒", many / single)
        world.close()


def searches() -> None:
    print("\n企业信息：五万家中查找（中位数；倍数为与只数一遍之比）")
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "library")
        many_enterprises(world.store, 50_000)
        visit = world.visit("city")
        whole = enterprise_search.search(visit, Query())
        assert whole.height == 50_000
        floor = median_ms(lambda: whole.filter(pl.col("admitted")).height)
        line("只数一遍", floor, "ms", 1.0)
        for what, query in {
            "一个词": Query(text="智能49"),
            "信用代码的一段": Query(text="0004999"),
            "两个词、三项筛选、按总收入": Query(
                text="武汉 9", district="GX", tier="core", admitted="yes", sort="total_revenue"
            ),
            "全部，按占比": Query(sort="share"),
        }.items():

            def look(query: Query = query) -> None:
                enterprise_query.table(
                    enterprise_search.search(visit, query).head(enterprise_search.PAGE), enterprise_query.USUAL
                )

            taken = median_ms(look)
            line(what, taken, "ms", taken / floor)

        def after_a_save() -> None:
            world.store._versions["filings"] = world.store._versions.get("filings", 0) + 1
            enterprise_search.search(visit, Query(text="智能49"))

        taken = median_ms(after_a_save, 9)
        line("一个词，刚有人保存过填报", taken, "ms", taken / floor)
        world.close()


def many_enterprises(store: Store, count: int, *, years: tuple[int, ...] = (2024,)) -> None:
    """`count` admitted enterprises with figures of each of `years`, the class changing between them, and a filing each, put into the tables as the projections would."""
    at, districts = store.clock(), list(DISTRICTS)

    def job(transaction: Transaction) -> None:
        for number in range(count):
            identity, place = f"e{number:05}", districts[number % len(districts)]
            name, uscc = f"武汉光谷智能{number:05}科技有限公司（虚构）", f"9142{number:014}"
            known = {"enterprise_id": identity, "at_utc": at}
            amounts = {
                "total_revenue": number * 1000 + 1,
                "ai_revenue": number * 600,
                "software_revenue": number,
                "hardware_revenue": 0,
            }
            transaction.put(
                "enterprises", {"id": identity, "name": name, "uscc": uscc, "district": place, "known_since": at}
            )
            for year in years:
                amounts["ai_revenue"] = number * (600 if (number + year) % 3 else 250)
                transaction.put(
                    "figures",
                    {
                        "seq": number,
                        "year": year,
                        "period": "full_year",
                        "forecast": False,
                        "withdrawn": False,
                        **known,
                        **amounts,
                    },
                )
            transaction.put(
                "admissions",
                {
                    "seq": number,
                    "filing_id": f"{identity}.2025",
                    "admitted": True,
                    "name": name,
                    "uscc": uscc,
                    "district": place,
                    "size": "small",
                    "layer": "technology",
                    "segments": "platforms,task_models",
                    "ip_count": 1,
                    "developers": 2,
                    "insured_staff": 3,
                    **dict.fromkeys(FILED, 1),
                    "industry": "I12",
                    **known,
                },
            )
            transaction.put(
                "filings",
                {
                    "id": f"{identity}.2025",
                    "enterprise_id": identity,
                    "round_id": "2025",
                    "state": "submitted",
                    "revision": 1,
                    "name": name,
                    "district": place,
                    "content": "{}",
                    "first_draft": "",
                    "opened_at": at,
                    "saved_at": at,
                    "submitted_at": at,
                    "decided_at": None,
                    "reasons": "{}",
                    "decided_by": None,
                    "explained": 0,
                    **amounts,
                },
            )

    store.write(job)


def starts(folder: Path) -> None:
    print("\n启动到能回答 /healthz")
    for what in ("首次（生成样本）", "以后"):
        port = free_port()
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=environment(folder, port),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _wait(Server(f"http://127.0.0.1:{port}", process, folder / "x.log"), 90)
        line(what, time.perf_counter() - start, "秒")
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as root:
        library = Path(root) / "library"
        starts(library)
        pages(library)
    rule()
    surfaces()
    dashboards()
    searches()
    saves()
