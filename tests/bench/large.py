"""The dashboards over 100,000 enterprises with five years each, beside a page that only says hello: `python -m tests.bench.large`."""

import tempfile
from pathlib import Path

from core.filing import DISTRICTS
from tests.bench.__main__ import hello_page, line, median_ms
from tests.server import prepare, running
from tests.world import World
from ui.menu import PAGES

ENTERPRISES, YEARS = 100_000, 5
TIMES = 15


def fill(world: World) -> None:
    """Admitted enterprises with figures of five years and a filing of the last, put into the tables as the projections would."""
    last = world.clock.now.year - 1
    districts = "[" + ", ".join(f"'{code}'" for code in DISTRICTS) + "]"
    at = f"TIMESTAMP '{world.clock.now}'"
    firms = (
        f"SELECT n, 'e' || n AS id, '武汉虚构' || n || '有限公司（虚构）' AS name, {districts}[1 + n % {len(DISTRICTS)}] AS district, "
        "['small', 'small', 'small', 'medium', 'large'][1 + n % 5] AS size, ['foundation', 'technology', 'application'][1 + n % 3] AS layer, "
        f"CAST(exp(hash(n) % 1000 / 1000.0 * 7) * 100000 AS BIGINT) AS total FROM range({ENTERPRISES}) t(n)"
    )
    amounts = f"CAST(total * (1 + (y - {last}) * 0.1) AS BIGINT) AS t, CAST(t * (n % 97) / 100 AS BIGINT) AS ai"
    fills = {
        "enterprises": f"SELECT id, 'u' || n, name, district, {at} FROM ({firms})",
        "admissions": (
            f"SELECT 1000 + n, {at}, id, id || '.{last}', TRUE, name, 'u' || n, district, size, layer, 'platforms,task_models', n % 40, n % 60, "
            f"20 + n % 400, n % 50, n % 5, n % 20, n % 60, n % 7, n % 5, n % 11, 0, n % 3, n % 2, 'I12', total FROM ({firms})"
        ),
        "filings": (
            f"SELECT id || '.{last}', id, '{last}', 'admitted', 4, name, district, total, total // 2, total // 2, 0, "
            f"'{{\"basic\": {{\"size\": \"' || size || '\"}}}}', '', {at}, {at}, {at}, {at}, '{{}}', NULL, 0 FROM ({firms})"
        ),
        "figures": (
            f"SELECT 1000 + n, y, 'full_year', id, {at}, FALSE, t, ai, ai // 2, ai - ai // 2, FALSE FROM "
            f"(SELECT *, {amounts} FROM ({firms}) CROSS JOIN range({last - YEARS + 1}, {last + 1}) s(y))"
        ),
    }  # fmt: skip
    for table, query in fills.items():
        world.store.write(lambda _, statement=f"INSERT INTO {table} {query}": world.store._writer_cursor.execute(statement) and None)


def main() -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "library"
        tokens = prepare(folder, fill)
        print(f"\n{ENTERPRISES:,} 家 × {YEARS} 年：页面重算（中位数；倍数为与只说 hello 的页面之比）")
        with running(folder) as server, hello_page(folder) as floor_tab:
            floor = median_ms(floor_tab.run, TIMES)
            line("hello", floor, "ms", 1.0)
            for section, path, title, _, _ in PAGES:
                if section == "统计分析":
                    with server.tab(tokens["city"]) as tab:
                        name = Path(path).stem
                        tab.run(name, timeout=120)
                        taken = median_ms(lambda tab=tab, name=name: tab.run(name, timeout=120), TIMES)
                    line(title, taken, "ms", taken / floor)


if __name__ == "__main__":
    main()
