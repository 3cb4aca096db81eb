"""Demonstration platforms: fictional stand-ins for the systems around this one, for demo mode and tests.

培育库 → 专项资金项目管理与服务平台 (`fund`) → 湖北省统一身份认证平台 (`province`), two OpenID providers in one process.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2
from starlette.applications import Starlette
from starlette.routing import Mount

from gate.demo.book import Book, LegalPerson, Unreadable
from gate.demo.fund import Fund
from gate.demo.province import Province

FUND_PATH: Final = "/demo-fund"
PROVINCE_PATH: Final = "/demo-identity"

__all__ = ["FUND_PATH", "PROVINCE_PATH", "Demonstration", "LegalPerson", "Unreadable", "create"]


@dataclass(frozen=True)
class Demonstration:
    """`routes`: both platforms, to put into the app. `transport`: how our own relying party reaches the first."""

    routes: list[Mount]
    transport: httpx2.AsyncBaseTransport
    book: Book


def create(
    people: Sequence[LegalPerson], *, client_id: str, client_secret: str | None, redirect_path: str, folder: Path
) -> Demonstration:
    """Both platforms for these preset enterprises; what is registered at them is kept in `folder`."""
    book = Book(people, folder)
    between = ("fund", secrets.token_urlsafe(24))
    province = Province(book, client_id=between[0], client_secret=between[1], redirect_path=f"{FUND_PATH}/callback")
    province_mount = Mount(PROVINCE_PATH, app=province.app)
    fund = Fund(
        book,
        client_id=client_id,
        client_secret=client_secret,
        redirect_path=redirect_path,
        # The halves of one process talk without a network.
        province=httpx2.ASGITransport(app=Starlette(routes=[province_mount])),
        province_path=PROVINCE_PATH,
        province_client=between,
    )
    fund_mount = Mount(FUND_PATH, app=fund.app)
    return Demonstration([fund_mount, province_mount], httpx2.ASGITransport(app=Starlette(routes=[fund_mount])), book)
