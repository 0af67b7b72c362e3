"""A browser without a screen: pages by httpx2 against the real application and the real service."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any, cast

import httpx2

from tests.service import Service
from web.app import build
from web.site import Site

HOST = "127.0.0.1:8080"
ORIGIN = f"http://{HOST}"


class _Form(HTMLParser):
    """The fields of the form that posts to `action`, with the values a browser would send."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action
        self.inside = False
        self.found: dict[str, Any] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        if tag == "form":
            self.inside = at.get("action") == self.action
        if self.inside and tag == "input" and at.get("type") == "hidden":
            self.found[str(at["name"])] = at.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


class Browser:
    """One browser: keeps its cookie, sends the origin, fills in forms."""

    def __init__(self, service: Service, scheme: str = "http", **given: Any) -> None:
        app = build(service.desk, [HOST], **given)
        self.site: Site = cast("Any", app._app).state.site
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app),
            base_url=f"{scheme}://{HOST}",
            headers={"origin": f"{scheme}://{HOST}"},
        )

    async def get(self, path: str) -> httpx2.Response:
        """A page, without following where it leads."""
        return await self.client.get(path)

    async def send(
        self, path: str, files: dict[str, Any] | None = None, /, **fields: Any
    ) -> httpx2.Response:
        """Fill in the form of a page and send it; names may say a dot as two underscores."""
        shown = await self.client.get(path)
        form = _Form(path)
        form.feed(shown.text)
        assert "csrf" in form.found, f"no form of {path}: {shown.status_code}"
        said = {name.replace("__", "."): value for name, value in fields.items()}
        return await self.client.post(path, data=form.found | said, files=files)

    async def sign_in(self, person: str) -> Browser:
        """As one of the example people."""
        begins = (await self.send("/sign-in", person=person)).headers["location"]
        assert begins in ("/inbox", "/administer")
        return self


def day(name: str, iso: str) -> dict[str, str]:
    """The three or four boxes of a date or time like "2026-11-18 09:40"."""
    date, _, time = iso.partition(" ")
    year, month, day_ = date.split("-")
    boxes = {"day": day_, "month": month, "year": year} | ({"time": time} if time else {})
    return {f"{name}-{box}": value for box, value in boxes.items()}


def plain(html: str) -> str:
    """What a page says, without its tags."""
    text = re.sub(r"<(script|style).*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


async def all_of_an_inbox(browser: Browser) -> str:
    """Every page of somebody's own work."""
    found, number = "", 1
    while True:
        text = (await browser.get(f"/inbox?mine={number}")).text
        found += text.partition("What you reported last")[0]
        if f"mine={number + 1}#" not in text:
            return found
        number += 1
