"""The server: ASGI app, routes, middleware, lifespan. `python app.py` runs it under uvicorn.

`streamlit run app.py` works too; this way is many times faster, because uvicorn binds the socket itself
and uvloop and httptools are used where they are installed.
"""

import gc
import logging
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

# streamlit-authenticator is imported and used outside script runs on purpose; that is not news.
for name in ("caching.cache_data_api", "scriptrunner_utils.script_run_context"):
    logging.getLogger(f"streamlit.runtime.{name}").addFilter(lambda _: False)

import gate
from core.base.errors import UserError
from core.base.terms import PRODUCT, ROLES
from data import jobs
from data.access import sessions
from data.audit import log
from data.enterprise import designations
from data.projections import project
from data.sample import generate, people
from data.store.store import Store, StoreDamaged
from gate import cells, demo, derivations, exports, files, nowhere, oidc, second_factor, settings
from gate.guard import Guard
from gate.routes import routes as sign_in_routes
from ui.base.locale import ChineseAssets

ROOT = Path(__file__).parent
os.umask(0o077)  # whatever is written from here on (database, attachments, backups, reports) is ours alone
logger = logging.getLogger("library")
try:
    SETTINGS = settings.current()
    settings.refuse_unsafe(SETTINGS)
except settings.NotConfigured as error:
    sys.exit(str(error))


def open_store() -> Store:
    """Open the store; on a fresh demonstration folder fill it with the fictional sample."""
    store = Store(SETTINGS.data_folder, project=project)
    try:
        settings.refuse_unsafe(SETTINGS, store)
        if SETTINGS.demonstration and store.data_version == 0:
            started = time.perf_counter()
            print("首次启动，正在生成虚构的演示数据……", flush=True)
            generate.load(store, today=store.today)
            print(f"演示数据已生成（{time.perf_counter() - started:.1f} 秒）。", flush=True)
        if SETTINGS.demonstration:
            people.create_staff(store)
        second_factor.seal_all(store)
        designations.record_shipped(store)
    except BaseException:
        store.close()
        raise
    return store


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[dict[str, Any]]:
    try:
        store = open_store()
    except (settings.NotConfigured, StoreDamaged) as error:
        # A sentence for the operator; raised from here it would be a page of traceback, the sentence last.
        print(error, file=sys.stderr, flush=True)
        os._exit(1)
    gate.bind(store)
    # What is loaded now stays: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    _announce()
    try:
        with jobs.running(store):
            yield {}
    finally:
        gate.bind(None)
        store.close()


async def healthz(_: Request) -> Response:
    """Answers when the store does."""
    try:
        gate.bound_store().rows("SELECT 1")
    except Exception:
        logger.exception("health check failed")
        return JSONResponse({"status": "unavailable"}, 503)
    return JSONResponse({"status": "ok"})


def show_error(error: Exception) -> bool:
    """What a person sees when a page fails: what happened, what was kept, what to do, a number to quote."""
    reference = error.reference if isinstance(error, UserError) else os.urandom(4).hex().upper()
    logger.error("page error %s", reference, exc_info=error)
    sentence = (
        str(error)
        if isinstance(error, UserError)
        else "页面出现问题，已保存的内容不受影响。请刷新页面重试；若再次出现，请把编号告诉管理员。"
    )
    st.error(f"{sentence}（编号 {reference}）", icon=":material/error:")
    _note_error(type(error).__name__, reference, sentence)
    return True


def _note_error(kind: str, reference: str, sentence: str) -> None:
    """Into the log goes what the person saw; a failure of the noting must not hide it."""
    try:
        visit = sessions.visit_of(gate.bound_store(), str(st.user.get("session") or ""))
        if visit is not None:
            log.failed(visit, reference=reference, kind=kind, sentence=sentence, page=gate.page_shown())
    except Exception:
        logger.exception("error %s could not be noted", reference)


def _demonstration_sign_ins() -> list[dict[str, str]]:
    if not SETTINGS.demonstration:
        return []
    # Enterprises sign in at the demonstration platforms, which are not there when an issuer is configured.
    filers = [
        {"kind": "enterprise", "label": filer.label, "name": filer.uscc, "password": people.PASSWORD}
        for filer in (() if SETTINGS.issuer else (*people.FILERS, people.NEWCOMER))
    ]
    staff = [
        {
            "kind": "local",
            "label": f"{member.name}（{ROLES[member.role]}）",
            "name": member.username,
            "password": people.PASSWORD,
        }
        for member in people.STAFF
    ]
    return filers + staff


def _announce() -> None:
    host = "127.0.0.1" if SETTINGS.host == "0.0.0.0" else SETTINGS.host  # noqa: S104
    address = SETTINGS.base_url or f"http://{host}:{SETTINGS.port}"
    print(f"\n{PRODUCT} 已启动：{address}", flush=True)
    if SETTINGS.demonstration:
        print("演示环境，数据均为虚构；演示账号见登录页。", flush=True)


def _demonstration() -> demo.Demonstration:
    """The platforms of the demonstration, for the enterprises that the login page lists and one newcomer."""
    enterprises = [
        demo.LegalPerson(
            uscc=filer.uscc,
            enterprise_name=filer.enterprise_name,
            password_hash=people.PASSWORD_HASH,
            contact_name=filer.contact_name,
            contact_phone=filer.contact_phone,
            contact_id=filer.contact_id,
            note=filer.label,
            demo_password=people.PASSWORD,
            known=filer is not people.NEWCOMER,
        )
        for filer in (*people.FILERS, people.NEWCOMER)
    ]
    try:
        return demo.create(
            enterprises,
            client_id=SETTINGS.client_id,
            client_secret=SETTINGS.client_secret,
            redirect_path="/auth/callback",
            folder=SETTINGS.data_folder,
        )
    except demo.Unreadable as error:
        sys.exit(str(error))


def _routes() -> list[Any]:
    """Health and sign-in; in demo mode the demonstration platforms, too."""
    routes: list[Any] = [
        Route("/healthz", healthz),
        files.ROUTE,
        *cells.ROUTES,
        *exports.ROUTES,
        *derivations.ROUTES,
        *nowhere.ROUTES,
    ]
    provider = oidc.configured(SETTINGS)
    if SETTINGS.demonstration and not SETTINGS.issuer:
        platforms = _demonstration()
        routes += platforms.routes
        # The halves of one process talk without a network.
        provider = replace(provider, transport=platforms.transport)
    secret = settings.cookie_secret(SETTINGS)
    return routes + sign_in_routes(SETTINGS, secret=secret, provider=provider, people=_demonstration_sign_ins())


# `streamlit run` looks for this very assignment.
app = st.App(
    ROOT / "pages" / "router.py",
    routes=_routes(),
    middleware=[Middleware(Guard, https=SETTINGS.base_url.startswith("https://")), Middleware(ChineseAssets)],
    lifespan=lifespan,
    on_script_error=show_error,
)


def main() -> None:
    os.chdir(ROOT)  # .streamlit/config.toml is looked for here
    uvicorn.run(
        app,
        host=SETTINGS.host,
        port=SETTINGS.port,
        access_log=False,
        log_level="warning",
        ws_max_size=50 * 2**20,
        forwarded_allow_ips=SETTINGS.forwarded,
    )


if __name__ == "__main__":
    main()
