"""The pictures of the README: starts everything, plays customer and colleague; see `scripts/pictures`."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.e2e.pages import Colleague, Customer, chromium, screen
from tests.e2e.running import Up, up

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="nextnest-pictures-") as folder:
        Path(folder).chmod(0o755)
        with up(Path(folder) / "home") as nextnest, chromium() as browser:
            _take(nextnest, browser)


def _take(nextnest: Up, browser: Browser) -> None:
    visitor = Customer(screen(browser, 1180, 880, scale=1.5).new_page(), "", "")
    visitor.open_form(nextnest.ready["form"])
    visitor.choose_purpose()
    visitor.describe_property()
    visitor.describe_income()
    expect(visitor.page.locator("#figure .amount")).to_be_visible()
    _keep(visitor.page, "form")
    customer = Customer(screen(browser, 390, 800, scale=2).new_page(), "Nur Aisyah", "nur.aisyah@example.com")
    customer.fill_in(nextnest.ready["form"])
    customer.answers.first.wait_for()
    customer.ask("How much can I borrow?")
    customer.ask("And what would I pay a month at 3%?")
    _keep(customer.page, "chat")
    customer.ask("Can I talk to a person?")
    colleague = Colleague(screen(browser, 1280, 800, scale=1.5).new_page())
    colleague.sign_in(nextnest.ready["desk"], nextnest.ready["desk_token"])
    colleague.open_thread_of(customer.name)
    colleague.reply("Good afternoon, this is Mei Lin. I have your figures here.")
    expect(customer.page.locator(".joined")).to_be_visible()
    _keep(colleague.page, "desk")
    colleague.page.get_by_role("button", name="nextnest", exact=True).click()
    panel = colleague.page.frame_locator("iframe")
    expect(panel.get_by_role("heading", name="Lead score")).to_be_visible()
    _keep(colleague.page, "panel")


def _keep(page: Page, name: str) -> None:
    page.evaluate("document.fonts.ready")
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    if convert := shutil.which("convert"):  # text on plain grounds needs few colours
        command = [convert, str(path), "-strip", "-dither", "None", "-colors", "48", f"PNG8:{path}"]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
