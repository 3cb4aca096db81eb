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

from core import register
from core.classification import classify
from core.filing import DISTRICTS
from core.policy import Policy
from core.register import Sought
from core.roles import SHIPPED
from data import accounts, credentials, enterprises, filings, sessions
from data.projections import project
from data.sample import people
from data.store import Store, Transaction
from tests.server import ROOT, Server, Tab, _wait, environment, free_port, prepare, running
from tests.world import World
from ui.menu import PAGES

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


def rerun(tab: Tab, title: str, path: str, floor: float) -> None:
    name = Path(path).stem
    tab.run(name)
    taken = median_ms(lambda: tab.run(name))
    line(title, taken, "ms", taken / floor)


def hello(folder: Path) -> float:
    """The median rerun of a page that only says hello, in ms; its line is printed."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.hello_app"], cwd=ROOT, env=environment(folder, port),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
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
        tokens = prepare(folder, lambda world: many_enterprises(world.store, 100_000, years=(2021, 2022, 2023, 2024, 2025)))
        with running(folder) as server:
            floor = hello(folder)
            for section, path, title, _, permission in PAGES:
                if section == "统计分析" and permission in SHIPPED["city_officer"].permissions:
                    with server.tab(tokens["city"]) as tab:
                        rerun(tab, title, path, floor)


def rule() -> None:
    print("\n统计规则（一百万行；倍数为与手写 Polars 之比）")
    rng = np.random.default_rng(1)
    total = rng.integers(1, 10**10, 1_000_000)
    ai = (total * rng.random(1_000_000)).astype(np.int64)
    software = (ai * rng.random(1_000_000)).astype(np.int64)
    frame = pl.DataFrame(
        {"total_revenue": total, "ai_revenue": ai, "software_revenue": software, "hardware_revenue": ai - software}
    )

    def by_hand() -> pl.DataFrame:
        t, a = pl.col("total_revenue"), pl.col("ai_revenue")
        share, core = a * 10_000 > t * 5_000, a > 20_000_000
        kind = pl.when(pl.col("software_revenue") > pl.col("hardware_revenue"))
        related = (a * 10_000 > t * 2_000) | core
        return frame.lazy().with_columns(
            directory_tier=pl.when(share | core).then(pl.lit("core")).when(related)
            .then(kind.then(pl.lit("related_software")).otherwise(pl.lit("related_hardware"))).otherwise(pl.lit("outside")),
            weight_bp=pl.when(share).then(10_000).when(related).then(kind.then(5_000).otherwise(2_000)).otherwise(0),
        ).with_columns(counted_output=(t * pl.col("weight_bp") + 5_000) // 10_000).collect()  # fmt: skip

    floor = median_ms(by_hand, 7)
    line("手写 Polars", floor, "ms", 1.0)
    taken = median_ms(lambda: classify(frame.lazy(), Policy()).collect(), 7)
    line("core.classification.classify（Polars）", taken, "ms", taken / floor)


def saves() -> None:
    print("\n保存（每次都已落盘；倍数为与单线程之比）")
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "library")
        visit = world.visit("enterprise")
        filing = world.save("enterprise")
        revision = filing.revision
        count = 100
        start = time.perf_counter()
        for number in range(count):
            revision = filings.save(visit, filing.id, revision, {"basic.contact_name": f"甲{number}"}).revision
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
        whole = enterprises.search(visit, Sought())
        assert whole.height == 50_000
        floor = median_ms(lambda: whole.filter(pl.col("admitted")).height)
        line("只数一遍", floor, "ms", 1.0)
        for what, sought in {
            "一个词": Sought(text="智能49"), "信用代码的一段": Sought(text="0004999"), "两个词、三项筛选、按总收入": Sought(
                text="武汉 9", district="GX", tier="core", admitted="yes", sort="total_revenue"
            ), "全部，按占比": Sought(sort="share"),
        }.items():  # fmt: skip
            def look(sought: Sought = sought) -> None:
                register.table(enterprises.search(visit, sought).head(enterprises.PAGE), register.USUAL)

            taken = median_ms(look)
            line(what, taken, "ms", taken / floor)

        def after_a_save() -> None:
            world.store._versions["filings"] = world.store._versions.get("filings", 0) + 1
            enterprises.search(visit, Sought(text="智能49"))

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
            amounts = {"total_revenue": number * 1000 + 1, "ai_revenue": number * 600, "software_revenue": number, "hardware_revenue": 0}
            transaction.put("enterprises", {"id": identity, "name": name, "uscc": uscc, "district": place, "known_since": at})
            for year in years:
                amounts["ai_revenue"] = number * (600 if (number + year) % 3 else 250)
                transaction.put("figures", {"seq": number, "year": year, "period": "full_year", "forecast": False, "withdrawn": False, **known, **amounts})
            transaction.put(
                "admissions",
                {
                    "seq": number, "filing_id": f"{identity}.2025", "admitted": True, "name": name, "uscc": uscc, "district": place,
                    "size": "small", "layer": "technology", "segments": "platforms,task_models", "ip_count": 1, "developers": 2,
                    "insured_staff": 3, **known,
                },
            )  # fmt: skip
            transaction.put(
                "filings",
                {
                    "id": f"{identity}.2025", "enterprise_id": identity, "round_id": "2025", "state": "submitted", "revision": 1,
                    "name": name, "district": place, "content": "{}", "first_draft": "", "opened_at": at, "saved_at": at,
                    "submitted_at": at, "decided_at": None, "reasons": "{}", "decided_by": None, "explained": 0, **amounts,
                },
            )  # fmt: skip

    store.write(job)


def starts(folder: Path) -> None:
    print("\n启动到能回答 /healthz")
    for what in ("首次（生成样本）", "以后"):
        port = free_port()
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment(folder, port),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
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
    dashboards()
    searches()
    saves()
