"""The page of a rehearsal in a browser: what happened to one person, and on which day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from callboard.rehearsal.page import as_html
from callboard.rehearsal.transcript import Line
from tests.slack_standin.chromium import browser, expect

NINE = datetime(2025, 11, 13, 9, tzinfo=UTC)
NAMES = {"olga": "Omega lead", "pa": "Person A"}
LINES = [
    Line(NINE, "pa", "#omega", "typed", "/blocker mongo is down"),
    Line(NINE, "", "@olga", "posted", ":red_circle: Blocker 1: mongo is down", page=True),
    *(Line(NINE + timedelta(minutes=one), "", "#omega", "posted", f"Message {one}") for one in range(1, 60)),
    Line(NINE + timedelta(days=1), "olga", "#omega", "typed", "/blocker resolve 1"),
]


async def test_the_page_of_a_rehearsal_shows_one_person_alone_and_goes_to_a_day(tmp_path):
    file = tmp_path / "rehearsal.html"
    file.write_text(as_html(LINES, "Rehearsal", ZoneInfo("UTC"), NAMES))
    async with browser() as chromium:
        page = await chromium.new_page(viewport={"width": 390, "height": 700})
        await page.goto(file.as_uri())
        second = page.locator("tr.day").last
        await expect(second).not_to_be_in_viewport()
        await page.get_by_label("Go to").select_option("Friday, 14 November 2025")
        await expect(second).to_be_in_viewport()
        await page.get_by_label("Show").select_option("Omega lead")
        rows = page.locator("tbody tr:not(.day)").locator("visible=true")
        await expect(rows).to_have_count(2)
        await expect(rows.first).to_contain_text("09:00")
        await expect(rows.first).to_contain_text("@olga, page")
        await expect(rows.first).to_contain_text("🔴 Blocker 1: mongo is down")
        assert await page.evaluate("document.querySelector('.all').scrollWidth") <= 390
        await page.reload()
        await expect(page.get_by_label("Show")).to_have_value("olga")
        await page.get_by_label("Show").select_option("everybody")
        await expect(rows).to_have_count(61)
