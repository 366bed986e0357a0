"""Makes the pictures under docs/images of a demo that has run for some minutes.

`heliograph demo`, then `python tests/pictures/contact_sheet.py http://127.0.0.1:5006`: the README's picture, and sheets
of the host dashboard and the panel gallery as on a desk and on a phone, dark and light.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures.browser import FLAGS, show_whole
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

IMAGES = Path(__file__).parents[2] / "docs" / "images"
ROW, GAP = 900, 12  # px
HOST, GALLERY, PHONE = 830, 620, 225  # widths, px
README_HEIGHT = 1110
QUALITY = 78
GROUND = {"dark": "#05070a", "light": "#d9dde3"}
DESK_SIZE, PHONE_SIZE = (1440, 900), (390, 844)


def taken(browser: Browser, address: str, size: tuple[int, int], theme: str) -> Image.Image:
    """The whole page as a picture."""
    phone = size == PHONE_SIZE
    options: dict[str, Any] = {"viewport": {"width": size[0], "height": size[1]}, "is_mobile": phone}
    context = browser.new_context(color_scheme=theme, has_touch=phone, **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("main .panel")
    show_whole(page)
    content = page.screenshot(timeout=120_000)
    context.close()
    return Image.open(io.BytesIO(content)).convert("RGB")


def slices(whole: Image.Image, width: int, most: int) -> list[Image.Image]:
    """A tall picture as pieces of the height of a row, at most so many."""
    height = round(ROW * whole.width / width)
    tops = range(0, whole.height, height)[:most]
    pieces = [whole.crop((0, top, whole.width, min(whole.height, top + height))) for top in tops]
    return [one.resize((width, round(one.height * width / one.width)), Image.Resampling.LANCZOS) for one in pieces]


def sheet(pictures: Mapping[tuple[str, tuple[int, int]], Image.Image], ground: str) -> Image.Image:
    """The host dashboard above the gallery, each as on a desk and on a phone."""
    rows = [
        slices(pictures["host", DESK_SIZE], HOST, 1) + slices(pictures["host", PHONE_SIZE], PHONE, 3),
        slices(pictures["gallery", DESK_SIZE], GALLERY, 2) + slices(pictures["gallery", PHONE_SIZE], PHONE, 1),
    ]
    width = max(sum(one.width + GAP for one in row) for row in rows) + GAP
    made = Image.new("RGB", (width, len(rows) * (ROW + GAP) + GAP), ground)
    for index, row in enumerate(rows):
        left = GAP
        for one in row:
            made.paste(one, (left, GAP + index * (ROW + GAP)))
            left += one.width + GAP
    return made


def main(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for theme, ground in GROUND.items():
            pictures = {
                (name, size): taken(browser, f"{url}/d/{name}", size, theme)
                for name in ("host", "gallery")
                for size in (DESK_SIZE, PHONE_SIZE)
            }
            target = IMAGES / f"contact-{theme}.jpg"
            sheet(pictures, ground).save(target, quality=QUALITY, optimize=True, progressive=True)
            print(target, f"{target.stat().st_size / 1000:.0f} kB")
            if theme == "dark":
                taken(browser, f"{url}/d/orders", DESK_SIZE, theme).save(IMAGES / "orders-dark.png", optimize=True)
                top = pictures["host", DESK_SIZE].crop((0, 0, DESK_SIZE[0], README_HEIGHT))
                top.save(IMAGES / "host-dark.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
