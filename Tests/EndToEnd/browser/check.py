#!/usr/bin/env python3
"""Works at a desk through its pages, with a real browser.

    check.py --frontdesk .build/debug/frontdesk --folder DESK [--chromium PATH] [--pictures FOLDER] [--only TEXT]

DESK runs with policy.yaml. FRONTDESK_URL, FRONTDESK_CONSOLE_URL and FRONTDESK_KEY are the addresses and the key of the channel `web`. Exits with
0 when all scenarios passed, 1 when one failed, 64 for a usage error. Every wait is for something that the page or the desk shows.
"""

import argparse
import contextlib
import os
import pathlib
import re
import sys
import time
import traceback
import urllib.parse

from playwright.sync_api import sync_playwright

import holding
import hostile
import office
import overseer
import trials
import writing
from desk import Desk, Pause, request, wait_for
from operating import operators_shift
from reader import Reader

# What a person does and reads in their language.
WORDS = {
    "zh": {
        "sign in": "登录", "available": "在线", "offline": "离线", "undo": "撤回", "resolved": "已解决。", "sign out": "退出登录",
        "customer": "李雷", "question": "我的快递一周没动了，单号 A-10023，什么时候能到？",
        "reply": "已为您催促快递，明天上午送达。", "note": "已联系承运商，等回电", "reason": "快递明天送达",
        "why": "分派原因", "rule": "由规则“all”", "what if": "怎样会不同", "otherwise": "不会有规则匹配",
    },
    "en": {
        "sign in": "Sign in", "available": "available", "offline": "offline", "undo": "Undo", "resolved": "Resolved.", "sign out": "Sign out",
        "customer": "Ann Lee", "question": "My parcel A-10024 has not moved for a week. When will it arrive?",
        "reply": "I have asked the carrier: it arrives tomorrow morning.", "note": "carrier asked, they will call back",
        "reason": "arrives tomorrow",
        "why": "Why was it routed here?", "rule": "The rule “all”", "what if": "What would have changed it",
        "otherwise": "No rule would have matched",
    },
}

# The pages of an operator, and what shows that each has its content.
OPERATOR_PAGES = {
    "wallboard": ".figure-card", "people": "#page table", "tickets": "#page input", "reports": ".report-picture", "policy": ".policy-area", "callbacks": "#page select",
    "operations": "#page table", "sessions": "#page table",
}

# What a key looks like, such as `column.tickets`: the groups are those of the texts themselves. Cells of a table are apart by tabs.
TEXTS = pathlib.Path(__file__).parents[3] / "Services/Console/Pages/assets"
GROUPS = {group for name in ("text.en.js", "text-office.en.js") for group in re.findall(r"'([a-z-]+)\.[a-z0-9_.-]+': ['{]", (TEXTS / name).read_text())}
KEY = re.compile(rf"(?:{'|'.join(sorted(GROUPS))})\.[a-z0-9_.-]+")

class Check:
    def __init__(self, desk, browser, pictures, only=""):
        self.desk = desk
        self.only = only
        self.browser = browser
        self.pictures = pictures
        self.failures = 0
        self.operators_state = None

    def run(self):
        scenarios = [
            ("a shift by keyboard in Chinese", lambda: self.shift("zh", "agent-001")),
            ("a shift by keyboard in English", lambda: self.shift("en", "agent-002")),
            ("search by a Chinese word", self.search),
            ("links that are used, unknown, or of a session that ended", self.links),
            ("hostile customers", lambda: hostile.customers(self)),
            ("another site's form with the cookie", lambda: hostile.foreign_form(self)),
            ("the console is killed in the middle of a reply", lambda: writing.killed_console(self)),
            ("a lead takes over", lambda: overseer.lead_takes_over(self)),
            ("a second text while the first is on its way", lambda: writing.later_text(self)),
            ("a draft on two devices", lambda: writing.two_devices(self)),
            ("offers on a phone while a conversation is open", lambda: holding.offers_on_a_phone(self)),
            ("offers that are missed", lambda: holding.missed_offers(self)),
            ("transfers, and tickets of others", lambda: holding.moving(self)),
            ("names from right to left, and search from every page", lambda: holding.names_and_search(self)),
            ("an operator's pages in both languages, light and dark", self.operator_pages),
            ("accessibility of all pages in both languages, light and dark", self.accessibility),
            *office.scenarios(self),
            *trials.scenarios(self),
            # The last one: it leaves tickets behind.
            ("an operator's shift by keyboard", lambda: operators_shift(self)),
        ]
        for name, scenario in scenarios:
            if self.only not in name:
                continue
            started = time.monotonic()
            try:
                scenario()
                print(f"passed  {name} ({time.monotonic() - started:.1f} s)", flush=True)
            except Exception:  # A failed one must not hide the others.
                self.failures += 1
                print(f"FAILED  {name} ({time.monotonic() - started:.1f} s)", flush=True)
                print("        " + traceback.format_exc().replace("\n", "\n        "), flush=True)
        return self.failures

    # --- Parts of scenarios ------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def reader(self, language="en", colours="light", state=None, injects=False, keeps_complaints=False):
        reader = Reader(self.browser, language, colours, state, injects)
        try:
            yield reader
            if not keeps_complaints:
                reader.has_no_complaints()
        except Exception:
            self.picture(reader, "failure")
            print(f"        at {reader.page.url}; complaints: {reader.complaints}", flush=True)
            raise
        finally:
            reader.close()

    def picture(self, reader, name):
        if self.pictures:
            reader.page.screenshot(path=str(self.pictures / f"{name}.png"))

    def sign_in(self, reader, *who):
        link = self.desk.invite(*who)
        words = WORDS[reader.language]
        reader.page.goto(link)
        reader.see("button:focus", words["sign in"])
        assert "#" not in reader.page.url, "the secret stays in the address"
        reader.press("Enter")
        return link

    def operator_state(self):
        """The cookies of an operator who is signed in."""
        if self.operators_state is None:
            with self.reader() as reader:
                self.sign_in(reader, "--role", "operator", "--label", "browser check")
                reader.see(".figure-card")
                self.operators_state = reader.state()
        return self.operators_state

    def sign_in_agent(self, reader, agent):
        link = self.sign_in(reader, "--agent", agent)
        reader.see(".presence[data-presence]")
        self.presence(reader, agent, "available")
        return link

    def presence(self, reader, agent, presence):
        """Sets the presence through the palette."""
        if self.desk.presence(agent) == presence:
            return
        text = WORDS[reader.language][presence]
        reader.press("Control+k")
        reader.see("dialog.palette input:focus")
        reader.type(text)
        reader.see("dialog.palette li[aria-selected=true]", text)
        reader.press("Enter")
        reader.see(f".presence[data-presence={presence}]", text)
        assert self.desk.presence(agent) == presence

    def presence_by_interface(self, agent, presence):
        """Sets the presence as another client of the desk would."""
        answer = request("POST", f"{self.desk.console}/v1/agents/{agent}/presence", {"presence": presence},
                         {"Authorization": f"Bearer {self.desk.operator_key}"})
        assert answer.status == 200, (answer.status, answer.body)

    def accept(self, reader, ticket, *texts):
        """Accepts the offer that shows the texts, by its key if it is the first."""
        for text in texts:
            reader.see(".offer", text)
        offer = wait_for("the offer", lambda: self.desk.ticket(ticket)["offer"])["offer_id"]
        reader.see(f'.offer[data-key="{offer}"]')
        # A ticket that an earlier scenario left may be offered as well.
        if reader.page.locator(".offer").first.get_attribute("data-key") == offer:
            reader.press("a")
        else:
            reader.page.locator(f'.offer[data-key="{offer}"] button.primary').click()
        reader.see(f'.inbox li[data-key="{ticket}"] [aria-current=true]')
        reader.see(".composer textarea")

    def write(self, reader, kind, text):
        reader.press("r" if kind == "reply" else "n")
        reader.see(".composer textarea:focus")
        reader.type(text)
        reader.press("Control+Enter")
        reader.see(f".message.{kind}", text)

    def explained(self, reader):
        """Opens why the ticket came here: the rule, and what would have changed it."""
        words = WORDS[reader.language]
        reader.tab_to(words["why"])
        reader.press("Enter")
        reader.see(".decision", words["rule"])
        reader.see(".what-if h3", words["what if"])
        reader.see(".what-if li", words["otherwise"])
        self.picture(reader, f"explanation-{reader.language}")

    def saved(self, reader, kind, text):
        """Waits until a text on the page is one that the server has."""
        reader.until(
            """([kind, text]) => [...document.querySelectorAll('.message.' + kind)].some((message) =>
                 message.querySelector('.message-text').textContent === text
                 && !['undo', 'saving', 'unsent'].includes(message.querySelector('.message-state:not([hidden])')?.dataset.state))""",
            [kind, text])

    def has_once(self, reader, kind, text):
        found = reader.page.locator(f".message.{kind} .message-text").all_text_contents()
        assert found.count(text) == 1, found

    def resolve(self, reader, ticket):
        words = WORDS[reader.language]
        reader.press("Escape", "e")
        reader.see("dialog input:focus")
        reader.type(words["reason"])
        reader.press("Enter")
        reader.see(".notice.good", words["resolved"])
        assert self.desk.ticket(ticket)["state"] == "resolved"

    # --- Scenarios ---------------------------------------------------------------------------------------------------

    def shift(self, language, agent):
        words = WORDS[language]
        with self.reader(language) as reader:
            self.sign_in_agent(reader, agent)
            ticket = self.desk.send(words["customer"], words["question"])
            self.accept(reader, ticket, words["question"])
            assert self.desk.ticket(ticket)["agent"] == agent
            self.explained(reader)
            # Taken back within the time to undo, with the tab key alone, and sent again.
            self.write(reader, "reply", words["reply"])
            reader.see(".message.reply .message-state[data-state=undo]")
            self.picture(reader, f"desk-{language}")
            reader.tab_to(words["undo"], backwards=True)
            reader.press("Enter")
            reader.not_see(".message.reply")
            reader.see(".composer textarea:focus")
            assert reader.page.input_value(".composer textarea") == words["reply"]
            reader.press("Control+Enter")
            reader.see(".message.reply .message-state[data-state=undo]")
            assert self.desk.texts(ticket, "reply") == [], "sent before the time to undo was over"
            reader.press("Escape")
            self.write(reader, "note", words["note"])
            self.saved(reader, "note", words["note"])
            self.saved(reader, "reply", words["reply"])
            self.has_once(reader, "reply", words["reply"])
            self.has_once(reader, "note", words["note"])
            assert self.desk.texts(ticket, "reply") == [words["reply"]]
            assert self.desk.texts(ticket, "note") == [words["note"]]
            self.resolve(reader, ticket)
            assert self.desk.replies(ticket) == [words["reply"]], "the channel gets the reply once, and no note"
            self.presence(reader, agent, "offline")

    def search(self):
        text = "发票抬头开错了，请重开 <mark>一下</mark>"
        ticket = self.desk.send("韩梅梅", text)
        wait_for("the message is indexed", lambda: self.desk.get("/v1/search?q=" + urllib.parse.quote("抬头"))["tickets"])
        with self.reader("zh") as reader:
            self.sign_in(reader, "--agent", "agent-002")
            reader.see(".presence[data-presence]")
            asked = []
            reader.page.on("request", lambda request: asked.append(request.url) if "/v1/search" in request.url else None)
            reader.press("Control+k")
            reader.see("dialog.palette input:focus")
            # What an input method composes is not searched for.
            method = reader.context.new_cdp_session(reader.page)
            method.send("Input.imeSetComposition", {"text": "tai'tou", "selectionStart": 7, "selectionEnd": 7})
            assert "tai" in reader.page.input_value("dialog.palette input")
            method.send("Input.insertText", {"text": "抬头"})
            reader.see("dialog.palette li[aria-selected=true] mark", "抬头")
            assert asked and not any("tai" in address for address in asked), asked
            assert reader.page.locator("dialog.palette li[aria-selected=true] mark").count() == 1, "a customer's markup became an element"
            self.picture(reader, "search")
            reader.press("Enter")
            reader.see(".message.customer .message-text", text)
            assert ticket in reader.page.url
            reader.press("Escape", "/")
            reader.see("dialog.palette input:focus")
            reader.type("没有这样的词")
            reader.see("dialog.palette [role=status]", "没有找到")
            reader.press("Escape")
            # Nobody else's offer in the scenarios that follow.
            self.presence(reader, "agent-002", "available")
            self.accept(reader, ticket, "发票抬头")
            self.resolve(reader, ticket)
            self.presence(reader, "agent-002", "offline")
        with self.reader("zh", state=self.operator_state()) as reader:
            reader.page.goto(f"{self.desk.console}/tickets?q=" + urllib.parse.quote("抬头"))
            reader.see("td mark", "抬头")
            assert reader.page.locator("input[name=agent], select[name=agent]").first.is_disabled()
            reader.page.locator("tbody a").first.click()
            reader.see(".message .message-text", text)

    def links(self):
        words = WORDS["en"]
        with self.reader() as reader:
            link = self.sign_in(reader, "--agent", "agent-003")
            reader.see(".presence[data-presence]")
            cookie = reader.cookie()
            assert cookie["httpOnly"] and cookie["sameSite"] == "Lax", cookie
            assert self.me(cookie["value"]).status == 200
            reader.tab_to(words["sign out"], steps=40)
            with reader.allowing(401):
                reader.press("Enter")
                reader.see("main.sign-in pre", "frontdesk keys invite")
                assert reader.cookie() is None
                # The server, not only the browser, forgets the session.
                wait_for("the session ended", lambda: self.me(cookie["value"]).status == 401)
                reader.page.goto(f"{self.desk.console}/tickets")
                reader.see("main.sign-in pre", "frontdesk keys invite")
        secret = link.split("#")[1]
        wrong = f"{self.desk.console}/sign-in#{secret[:-4]}AAAA"
        for language, address in (("en", link), ("zh", wrong), ("en", f"{self.desk.console}/sign-in#<script>alert(1)</script>")):
            with self.reader(language) as reader:
                reader.page.goto(address)
                reader.see("button:focus", WORDS[language]["sign in"])
                with reader.allowing(400, 401, 403, 404, 422):
                    reader.press("Enter")
                    reader.see("[role=alert]")
                    # It says what to do.
                    reader.see("pre", "frontdesk keys invite")
                    assert reader.cookie() is None

    def me(self, cookie):
        return request("GET", f"{self.desk.console}/v1/me", headers={"Cookie": f"frontdesk_session={cookie}", "Sec-Fetch-Site": "same-origin"})

    def operator_pages(self):
        for language in ("zh", "en"):
            with self.reader(language, state=self.operator_state()) as reader:
                for colours in ("light", "dark"):
                    reader.page.emulate_media(color_scheme=colours)
                    for page in OPERATOR_PAGES:
                        self.open_page(reader, page)
                        if page == "wallboard":
                            self.picture(reader, f"wallboard-{language}-{colours}")

    def open_page(self, reader, page):
        reader.page.goto(f"{self.desk.console}/{page}")
        reader.see(OPERATOR_PAGES[page])
        assert reader.page.evaluate("document.documentElement.lang") == reader.language
        reader.until("!document.querySelector('.loading')")
        # Keys without a text would be shown as they are.
        bare = [text for text in re.split(r"[\n\t]", reader.page.inner_text("body")) if KEY.fullmatch(text.strip())]
        assert not bare, bare
        if page == "reports":
            reader.until("document.querySelector('.report-picture').naturalWidth > 0")

    def accessibility(self):
        for language in ("zh", "en"):
            with self.reader(language, state=self.operator_state(), injects=True) as reader:
                for page in OPERATOR_PAGES:
                    self.open_page(reader, page)
                    for colours in ("light", "dark"):
                        reader.page.emulate_media(color_scheme=colours)
                        reader.is_accessible()
            with self.reader(language, injects=True) as reader:
                with reader.allowing(401):
                    reader.page.goto(f"{self.desk.console}/sign-in")
                    reader.see("main.sign-in pre")
                reader.is_accessible()
                agent = "agent-003"
                self.sign_in_agent(reader, agent)
                reader.is_accessible()
                ticket = self.desk.send(f"axe-{language}", "An offer, please")
                reader.see(".offer", "An offer, please")
                reader.is_accessible()
                self.accept(reader, ticket)
                self.write(reader, "note", "For everyone to read")
                self.saved(reader, "note", "For everyone to read")
                for colours in ("dark", "light"):
                    reader.page.emulate_media(color_scheme=colours)
                    reader.is_accessible()
                for key in ("t", "e", "?", "Control+k"):
                    reader.press("Escape", key)
                    reader.see("dialog[open]")
                    reader.is_accessible()
                    reader.press("Escape")
                    reader.page.locator("dialog[open]").wait_for(state="hidden")
                self.resolve(reader, ticket)
                self.presence(reader, agent, "offline")


def main(run=Check.run):
    parser = argparse.ArgumentParser()
    parser.add_argument("--frontdesk", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--pictures", type=pathlib.Path)
    parser.add_argument("--only", default="", help="only the scenarios whose name contains this")
    try:
        arguments = parser.parse_args()
    except SystemExit as error:
        return 64 if error.code else 0
    if arguments.pictures:
        arguments.pictures.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        # The sandbox needs a user who is not root.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=sandbox)
        blank = browser.new_page()
        Pause.passes = lambda seconds: blank.wait_for_timeout(seconds * 1000)
        failures = run(Check(Desk(arguments.frontdesk, arguments.folder), browser, arguments.pictures, arguments.only))
        browser.close()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
