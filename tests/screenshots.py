"""`make screenshots`: every page for every persona, at 1440×900 and 390×844, into screenshots/."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from core.access.roles import SHIPPED
from data.sample import people
from tests import browser as b
from ui.base.menu import PAGES

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "screenshots"


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PORT": str(port), "LIBRARY_DATA_DIR": folder}
        server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment)
        try:
            for _ in range(120):
                try:
                    urllib.request.urlopen(f"{address}/healthz")
                    break
                except OSError:
                    time.sleep(0.5)
            take(address)
        finally:
            server.terminate()
            server.wait()


def take(address: str) -> None:
    personas = [(f"企业{i + 1}", filer) for i, filer in enumerate(people.FILERS)] + [(m.name, m) for m in people.STAFF]
    with b.chromium() as browser:
        for size in (b.DESKTOP, b.PHONE):
            page = b.window(browser, size).new_page()
            for tab in ("unified", "local"):
                page.goto(f"{address}/auth/login?tab={tab}")
                page.screenshot(path=TARGET / f"{size[0]}-登录-{tab}.png", full_page=True)
            for name, persona in personas:
                page = b.window(browser, size).new_page()
                if isinstance(persona, people.Filer):
                    b.sign_in_enterprise(page, address, persona)
                    role = "enterprise"
                else:
                    b.sign_in_local(page, address, persona.username)
                    role = persona.role
                for path, title in pages_of(role):
                    page.goto(f"{address}/{path}")
                    b.settled(page)
                    page.wait_for_timeout(700)
                    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
                    page.set_viewport_size({"width": size[0], "height": min(max(size[1], height), 6000)})
                    page.wait_for_timeout(400)
                    page.screenshot(path=TARGET / f"{size[0]}-{name}-{title}.png")
                    page.set_viewport_size({"width": size[0], "height": size[1]})
    print(f"已保存 {len(list(TARGET.glob('*.png')))} 张截图到 {TARGET.name}/")


def pages_of(role: str) -> list[tuple[str, str]]:
    return [
        (Path(path).stem, title) for _, path, title, _, permission in PAGES if permission in SHIPPED[role].permissions
    ]


if __name__ == "__main__":
    main()
