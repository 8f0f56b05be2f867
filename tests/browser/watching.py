"""A page of a real browser, with everything noted that must not happen on one of ours."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, Page, Request, async_playwright

from tests.browser.fetch import Browser

FLAGS = (
    "--no-sandbox",  # the kernel's user namespaces are not everywhere; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
LIMIT_MS = 20_000
LOCAL = ("127.0.0.1", "localhost", "::1")
INNER = ("data", "blob", "about")
"""Schemes of addresses that are no requests over a network."""


@dataclass  # without slots: playwright hangs its handlers onto whose methods they are
class Watched:
    """A page, what its console complained of, and which requests would have left the machine."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    leaving: list[str] = field(default_factory=list)

    def note_message(self, message: ConsoleMessage) -> None:
        """Errors and warnings of the console."""
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def note_request(self, request: Request) -> None:
        """Any request of the page, of its workers, or to another host's redirect."""
        parts = urlsplit(request.url)
        if parts.scheme not in INNER and parts.hostname not in LOCAL:
            self.leaving.append(request.url)


@asynccontextmanager
async def watched_page(browser: Browser, folder: Path) -> AsyncIterator[Watched]:
    """A page with a profile of its own; ``folder`` is for the browser's temporary files."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=browser.program,
            args=list(FLAGS),
            env={**_environment(browser, folder)},
            timeout=LIMIT_MS * 3,
        )
        try:
            context = await chromium.new_context()
            context.set_default_timeout(LIMIT_MS)
            watched = Watched(await context.new_page())
            context.on("console", watched.note_message)
            context.on("request", watched.note_request)
            watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
            yield watched
        finally:
            await chromium.close()


def _environment(browser: Browser, folder: Path) -> dict[str, str | float | bool]:
    """Nothing of the user's: a home, fonts and a bus of the test's own."""
    fonts = folder / "fonts.conf"
    fonts.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{browser.fonts}</dir><cachedir>{folder}/fonts</cachedir></fontconfig>"
    )
    return {
        **browser.environment,
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "FONTCONFIG_FILE": str(fonts),
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        "PATH": "/usr/bin:/bin",
    }
