"""A person at a browser: what they see and press, and everything the browser complains of meanwhile."""

import contextlib
import re

from axe_playwright_python.sync_playwright import Axe

from desk import WAIT_SECONDS, wait_for

# Pages load nothing from elsewhere, and what fails must be asked for by the check.
WATCH = """
addEventListener('securitypolicyviolation', (event) => console.error('refused by the content security policy: ' + event.violatedDirective));
"""
# Chromium reports each answer of 400 and more, also one that the page expects and explains.
EXPECTED_ANSWER = re.compile(r"^Failed to load resource: the server responded with a status of (?P<status>\d+)")
LOST_CONNECTION = re.compile(r"^Failed to load resource: net::ERR_|net::ERR_INCOMPLETE_CHUNKED_ENCODING")


class Reader:
    """One browser profile: cookies, storage, language, colours."""

    def __init__(self, browser, language="en", colours="light", state=None, injects=False):
        self.language = language
        self.context = browser.new_context(
            locale={"en": "en-GB", "zh": "zh-CN"}[language], color_scheme=colours, viewport={"width": 1280, "height": 800},
            storage_state=state, bypass_csp=injects, reduced_motion="reduce")
        self.context.set_default_timeout(WAIT_SECONDS * 1000)
        self.context.add_init_script(WATCH)
        self.complaints = []
        self.allowed = set()
        self.page = self.context.new_page()
        self.context.on("page", self.watch)
        self.watch(self.page)

    def watch(self, page):
        page.on("console", lambda message: self.hear(message.type, message.text, message.location.get("url", "")))
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on("dialog", self.dismiss)

    def hear(self, kind, text, source):
        if kind not in ("error", "warning"):
            return
        answer = EXPECTED_ANSWER.match(text)
        if answer and int(answer["status"]) in self.allowed:
            return
        if LOST_CONNECTION.search(text) and "lost" in self.allowed:
            return
        self.complaints.append(f"{kind}: {text} ({source})")

    def dismiss(self, dialog):
        # Pages open none, so a script of a customer did.
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    @contextlib.contextmanager
    def allowing(self, *what):
        """Answers, by status, that the page is expected to get within the block; `lost` for lost connections."""
        self.allowed |= set(what)
        yield
        self.allowed -= set(what)

    def has_no_complaints(self):
        assert not self.complaints, self.complaints

    def close(self):
        self.context.close()

    def state(self):
        """Cookies and storage, for another profile of the same person."""
        return self.context.storage_state()

    def cookie(self):
        return next((cookie for cookie in self.context.cookies() if cookie["name"].endswith("frontdesk_session")), None)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text):
        self.page.keyboard.insert_text(text)

    def see(self, selector, text=None):
        """Waits until an element is visible that contains the text, and returns it."""
        found = self.page.locator(selector) if text is None else self.page.locator(selector, has_text=text)
        found.first.wait_for()
        return found.first

    def not_see(self, selector):
        self.page.locator(selector).first.wait_for(state="hidden")

    def until(self, expression, argument=None):
        """Waits for a condition in the page. Playwright's own wait evaluates text in the page, which its content security policy forbids."""
        wait_for(expression, lambda: self.page.evaluate(expression, argument))

    def tab_to(self, text, backwards=False, steps=60):
        """Moves the focus by the tab key to the element with a text."""
        for _ in range(steps):
            self.press("Shift+Tab" if backwards else "Tab")
            if self.page.evaluate("document.activeElement?.textContent.trim()") == text:
                return
        raise AssertionError(f"the tab key does not reach '{text}'")

    def is_accessible(self):
        """Nothing of the page breaks a rule that axe calls serious or critical."""
        found = Axe().run(self.page).response["violations"]
        serious = [
            f"{self.page.url} {rule['id']} ({rule['impact']}): {rule['help']}: "
            + "; ".join(" ".join(map(str, node["target"])) + " " + node["html"][:160] + " " + node.get("failureSummary", "")[:300] for node in rule["nodes"][:3])
            for rule in found if rule["impact"] in ("serious", "critical")]
        assert not serious, "\n".join(serious)
