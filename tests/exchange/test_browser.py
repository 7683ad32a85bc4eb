"""The import in a real browser: drop, choose, correct in place, run, see what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kontor.jobs import running
from kontor.surfaces.exchange.models import ImportRun
from tests.web.conftest import Site, picture

pytestmark = [pytest.mark.browser, pytest.mark.requirement("K17")]
HEAD = "名稱,統一編號,電話,等級,信用額度,業務員\n"
GOOD = "".join(f"測試客戶 {i},,02-2790-{3000 + i},B,500000,\n" for i in range(30))
BAD = (
    "立群氣動,2453178,03-555-0187,B,500000,\n"
    ",,02-2790-3355,A,1000000,\n"
    "宏瀚機械工業,,037-620-118,B,300000,張欣宜\n"
    "苏州立信传动,,0512-6288-0190,B,¥ 20萬,\n"
)
COLUMNS = ["name", "tax_number", "phone", "grade", "credit_limit", "owner"]


def test_a_file_from_drop_to_done(browser: Any, site: Site, tmp_path: Path, django_db_blocker: Any) -> None:
    path = tmp_path / "客戶清單_2026Q4.csv"
    path.write_bytes((HEAD + BAD + GOOD).encode("big5", "ignore"))
    page = browser("admin", path="/x/import/parties.customer/")
    picture(page, "exchange-upload-1440")
    page.set_input_files("#file", str(path))
    page.wait_for_selector("[data-columns-form]")
    for i, name in enumerate(COLUMNS):
        page.select_option(f"select[name=column-{i}]", name)
    picture(page, "exchange-columns-1440")
    page.click("footer button.is-main")
    page.wait_for_selector(".k-impsum")
    assert page.locator(".k-impsum dd b").all_inner_texts() == ["30", "0", "0", "4"]
    assert page.locator("td.is-wrong").count() == 4
    picture(page, "exchange-check-1440")
    page.set_viewport_size({"width": 375, "height": 812})
    picture(page, "exchange-check-375")
    page.set_viewport_size({"width": 1440, "height": 900})
    row = page.locator("tr[data-line='3']")
    row.locator("[data-open]").click()
    row.locator("input.k-input").first.fill("禾岳精機")
    page.keyboard.press("Enter")
    page.wait_for_selector("tr[data-line='3']", state="detached")  # it is right now: the tab shows the wrong ones
    page.wait_for_selector(".k-impsum")
    assert page.locator(".k-impsum dd b").all_inner_texts() == ["31", "0", "0", "3"]
    page.locator("footer button.is-main").click()
    page.wait_for_selector("[data-progress]")
    picture(page, "exchange-running-1440")
    with django_db_blocker.unblock():
        from tenants.models import Tenant
        from tenants.provisioning import in_tenant

        with in_tenant(site.name):
            job = ImportRun.objects.latest("at").job_id
        running.run(Tenant.objects.get(name=site.name), job)
    page.wait_for_selector(".k-impsum")
    assert page.locator(".k-impsum dd b").all_inner_texts() == ["31", "0", "0", "3"]
    assert page.locator("button[value=undo]").is_visible()
    picture(page, "exchange-done-1440")
    page.goto("/x/export/parties.customer/")
    picture(page, "exchange-export-1440")
