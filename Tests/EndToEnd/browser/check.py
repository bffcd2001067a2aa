#!/usr/bin/env python3
"""Works at a desk through its pages, with a real browser.

    check.py --frontdesk .build/debug/frontdesk --folder DESK [--chromium PATH] [--pictures FOLDER] [--only TEXT]

DESK runs with policy.yaml. FRONTDESK_URL, FRONTDESK_CONSOLE_URL and FRONTDESK_KEY are the addresses and the key of the channel `web`. Exits with
0 when all scenarios passed, 1 when one failed, 64 for a usage error. Every wait is for something that the page or the desk shows.
"""

import argparse
import contextlib
import http.server
import os
import pathlib
import re
import signal
import sys
import threading
import time
import traceback
import urllib.parse

from playwright.sync_api import sync_playwright

import overseer
import trials
from desk import Desk, request, wait_for
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
    "wallboard": ".figure-card", "people": "#page table", "tickets": "#page input", "reports": ".report-picture", "policy": ".policy-area",
    "operations": "#page table", "sessions": "#page table",
}

HOSTILE_NAME = "<img src=x onerror=alert(1)>\u202eeeL nnA\u200b"
HOSTILE_TEXTS = [
    "<script>alert(2)</script><svg onload=alert(3)><iframe srcdoc='<script>parent.alert(4)</script>'></iframe>",
    "\"><img src=x onerror=alert(5)><a href=javascript:alert(6)>press me</a> javascript:alert(7) data:text/html,<script>alert(8)</script>",
    "pay \u202e0001\u202c now\u200b, or\u2066 not\u2069\u0007\u0085\ufeff, {{constructor.constructor('alert(9)')()}} ${alert(10)}",
    "W" * 10_000,
]
# In this order in the third text.
HIDDEN_OF_TEXT = ["U+202E", "U+202C", "U+200B", "U+2066", "U+2069", "U+0007", "U+0085", "U+FEFF"]
HOSTILE_FILE = "\"><img src=x onerror=alert(11)>\u202egpj.exe"
REFUSED_ADDRESSES = ["javascript:alert(12)", "data:text/html,<script>alert(13)</script>", "vbscript:x", " javascript:alert(14)"]


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
            ("hostile customers", self.hostile_customers),
            ("another site's form with the cookie", self.foreign_form),
            ("the console is killed in the middle of a reply", self.killed_console),
            ("a lead takes over", lambda: overseer.lead_takes_over(self)),
            ("a draft on two devices", self.two_devices),
            ("an operator's pages in both languages, light and dark", self.operator_pages),
            ("an operator's shift by keyboard", lambda: operators_shift(self)),
            ("accessibility of all pages in both languages, light and dark", self.accessibility),
            *trials.scenarios(self),
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
        """Accepts the offer that shows the texts, by its key."""
        for text in texts:
            reader.see(".offer", text)
        reader.press("a")
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

    def hostile_customers(self):
        for address in REFUSED_ADDRESSES:
            answer = self.desk.try_to_send("mallory", "see my file", attachments=[{"url": address, "name": "a"}])
            assert answer.status in (400, 422), (address, answer.status)
        with self.reader("zh") as reader:
            self.sign_in_agent(reader, "agent-001")
            files = [{"url": "https://files.example/?x=\"><script>alert(15)</script>".replace('"', "%22").replace("<", "%3C").replace(">", "%3E"),
                      "name": HOSTILE_FILE}]
            ticket = self.desk.send(HOSTILE_NAME, HOSTILE_TEXTS[0], subject=HOSTILE_TEXTS[1][:400],
                                    attributes={HOSTILE_NAME: HOSTILE_NAME}, attachments=files)
            self.accept(reader, ticket, "<script>alert(2)</script>")
            for text in HOSTILE_TEXTS[1:]:
                assert self.desk.send(HOSTILE_NAME, text) == ticket
            reader.until("count => document.querySelectorAll('.message.customer').length === count", len(HOSTILE_TEXTS))
            shown = reader.page.locator(".message.customer .message-text")
            assert shown.nth(0).text_content() == HOSTILE_TEXTS[0]
            assert shown.nth(1).text_content() == HOSTILE_TEXTS[1]
            assert shown.nth(2).locator(".hidden-character").all_text_contents() == HIDDEN_OF_TEXT
            assert shown.nth(3).text_content() == HOSTILE_TEXTS[3]
            for place in (".inbox-name", ".conversation-title h2", ".message.customer .message-who", ".attachment a", ".side-column dd"):
                reader.see(f"{place} .hidden-character", "U+202E")
            link = reader.page.locator(".attachment a").first
            assert link.get_attribute("href").startswith("https://files.example/"), link.get_attribute("href")
            assert "noopener" in link.get_attribute("rel")
            # Nothing of a customer became an element or made the page wider than the window.
            assert reader.page.locator(".page :is(script, iframe, img, svg[onload], a[href^=javascript], a[href^=data])").count() == 0
            wide = reader.page.evaluate("""[document.documentElement, ...document.querySelectorAll('.column, .scroller')]
                .filter((element) => element.scrollWidth > element.clientWidth).map((element) => element.className)""")
            assert wide == [], wide
            self.write(reader, "note", HOSTILE_TEXTS[0])
            self.saved(reader, "note", HOSTILE_TEXTS[0])
            reader.press("Escape", "Control+k")
            reader.see("dialog.palette li .hidden-character", "U+202E")
            reader.press("Escape")
            self.picture(reader, "hostile")
            self.resolve(reader, ticket)
            self.presence(reader, "agent-001", "offline")
        assert self.desk.texts(ticket, "note") == [HOSTILE_TEXTS[0]]
        assert self.desk.replies(ticket) == [], "a note reached the channel"
        with self.reader("en") as reader:
            self.sign_in(reader, "--role", "operator", "--label", HOSTILE_NAME.replace("\u202e", "").replace("\u200b", ""))
            reader.see(".figure-card")
            reader.page.goto(f"{self.desk.console}/tickets?ticket={ticket}")
            reader.see(".message .message-text", "<script>alert(2)</script>")
            reader.see("h2 .hidden-character", "U+202E")
            assert reader.page.locator(".page :is(script, iframe, img)").count() == 0
            reader.page.goto(f"{self.desk.console}/sessions")
            reader.see("#page table", "<img src=x onerror=alert(1)>")
            self.operators_state = reader.state()

    def foreign_form(self):
        # The browser reports the refusal at some time after the answer.
        with self.reader("en") as reader, reader.allowing(403):
            self.sign_in_agent(reader, "agent-003")
            ticket = self.desk.send("Chen", "Is anyone there?")
            self.accept(reader, ticket, "Is anyone there?")
            target = f"{self.desk.console}/v1/tickets/{ticket}/resolve"
            # Another port is another origin of the same site, so that the browser sends the cookie along: the console has to refuse it.
            with foreign_page(f'<form method="post" action="{target}"><button>Win a prize</button></form>') as address:
                reader.page.goto(address)
                with reader.page.expect_response(target) as answered:
                    reader.page.click("button")
                answer = answered.value
                assert "frontdesk_session" in answer.request.all_headers().get("cookie", ""), "the browser sent no cookie: nothing was shown"
                assert answer.status == 403, answer.status
            cookie = reader.cookie()["value"]
            for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}, {}):
                answer = request("POST", target, headers={"Cookie": f"frontdesk_session={cookie}", **headers})
                assert answer.status == 403, (headers, answer.status, answer.body)
            assert self.desk.ticket(ticket)["state"] == "assigned"
            # The same request of the console's own pages is accepted.
            answer = request("POST", target, headers={"Cookie": f"frontdesk_session={cookie}", "Sec-Fetch-Site": "same-origin"})
            assert answer.status == 200, (answer.status, answer.body)
            reader.page.goto(f"{self.desk.console}/desk")
            reader.see(".presence[data-presence]")
            self.presence(reader, "agent-003", "offline")

    def killed_console(self):
        text = "Written while the console ended, and written once."
        with self.reader("en") as reader:
            self.sign_in_agent(reader, "agent-002")
            ticket = self.desk.send("Wang", "Will you still answer?")
            self.accept(reader, ticket, "Will you still answer?")
            killed = []

            def lose_answer(route):
                # The first time the console has written the reply and ends before its answer arrives.
                if not killed:
                    answer = route.fetch()
                    assert answer.ok, answer.status
                    killed.append(self.desk.console_process())
                    os.kill(killed[0], signal.SIGKILL)
                    route.abort("connectionreset")
                else:
                    route.continue_()

            reader.page.route("**/replies", lose_answer)
            with reader.allowing("lost", 503):
                self.write(reader, "reply", text)
                self.saved(reader, "reply", text)
                new = wait_for("the supervisor's new console", lambda: self.desk.console_process() not in (None, killed[0]) and self.desk.console_process())
                assert new != killed[0]
                reader.until("document.querySelector('.connection').dataset.state === 'open'")
            reader.until("document.querySelectorAll('.message.reply').length === 1")
            self.has_once(reader, "reply", text)
            assert self.desk.texts(ticket, "reply") == [text]
            assert self.desk.replies(ticket) == [text]
            # The session outlives the process, and the stream has begun again.
            other = "And the next one."
            reader.press("Escape")
            self.write(reader, "note", other)
            self.saved(reader, "note", other)
            assert self.desk.texts(ticket, "note") == [other]
            self.resolve(reader, ticket)
            self.presence(reader, "agent-002", "offline")

    def two_devices(self):
        """One agent at two browsers: drafts, what is unread, and a page that has not seen the newest message."""
        draft, longer, mine = "您好，正在核实", "您好，正在核实。请稍等 A-10023", "我的另一种写法"
        text = "document.querySelector('.composer textarea').value"
        with self.reader("zh") as office, self.reader("en") as home, office.allowing(409, 412), home.allowing(409, 412):
            self.sign_in_agent(office, "agent-001")
            ticket = self.desk.send("Han", "Where is my refund?")
            self.accept(office, ticket, "Where is my refund?")
            # A Chinese input method makes another sign of the key `/`; both open the list of answers.
            office.press("r")
            office.see(".composer textarea:focus")
            for sign in ("、", "／", "/"):
                office.type(sign)
                office.see("#snippet-list li")
                office.press("Escape", "Backspace")
                office.not_see("#snippet-list")
            office.type(draft)
            office.see(".composer-hint", "草稿已保存")
            # The other device has it, and goes on with it.
            self.sign_in(home, "--agent", "agent-001")
            home.see(f'.inbox li[data-key="{ticket}"]')
            home.press("j", "r")
            home.until(f"{text} === {draft!r}")
            home.see(".composer textarea:focus")
            home.press("Control+a")
            home.type(longer)
            home.see(".composer-hint", "Draft saved")
            # The first one does not overwrite it, and is shown both.
            office.press("Control+a")
            office.type(mine)
            office.see(".composer .move", longer)
            self.picture(office, "draft-clash-zh")
            assert office.page.input_value(".composer textarea") == mine
            office.tab_to("用新的", backwards=True)
            office.press("Enter")
            office.until(f"{text} === {longer!r}")
            office.see(".composer textarea:focus")

            # The page misses the customer's next message: it gets the ticket as it was until it has tried to reply.
            old, tried = {}, []

            def stay_old(route):
                if tried:
                    route.continue_()
                else:
                    if not old:
                        old["answer"] = route.fetch()
                    route.fulfill(response=old["answer"])

            def reply(route):
                tried.append(route.request.headers.get("if-match"))
                route.continue_()

            office.page.route(re.compile(f"/v1/tickets/{ticket}$"), stay_old)
            office.page.route("**/replies", reply)
            office.page.evaluate("path => fetch(path)", f"/v1/tickets/{ticket}")
            self.desk.send("Han", "It has come, thank you!")
            home.see(".message.customer", "It has come, thank you!")
            office.press("Control+Enter")
            office.see(".message.reply .message-state[data-state=unsent]", "客户又发来了消息。")
            office.see(".message.customer", "It has come, thank you!")
            assert tried[0] and self.desk.texts(ticket, "reply") == [], "a stale page replied"
            office.see(".message.reply .message-text", longer)
            self.picture(office, "stale-reply-zh")
            office.tab_to("仍然发送", backwards=True)
            office.press("Enter")
            self.saved(office, "reply", longer)
            assert self.desk.texts(ticket, "reply") == [longer]
            # It is gone on the other device, which has it as a reply.
            home.see(".message.reply", longer)
            home.until(f"{text} === ''")

            # Unread is what no device of the agent has shown.
            other = self.desk.send("Wei", "A second question")
            self.accept(office, other, "A second question")
            office.until("id => !document.querySelector(`.inbox li[data-key='${id}'] .unread`)", other)
            # What is due first is on top.
            office.press("j")
            office.see(f'.inbox li[data-key="{ticket}"] [aria-current=true]')
            self.desk.send("Wei", "And one more thing")
            office.see(f'.inbox li[data-key="{other}"] .unread', "1 条未读")
            office.see(f'.inbox li[data-key="{other}"] .inbox-line', "And one more thing")
            home.see(f'.inbox li[data-key="{other}"] .unread', "1 unread")
            for done in (ticket, other):
                home.page.goto(f"{self.desk.console}/desk?ticket={done}")
                home.see(f'.inbox li[data-key="{done}"] [aria-current=true]')
                home.see(".message.customer")
                self.resolve(home, done)
            office.until("document.querySelectorAll('.inbox li[data-key]').length === 0")
            self.presence(office, "agent-001", "offline")

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
        bare = [line for line in reader.page.inner_text("body").splitlines() if re.fullmatch(r"(page|wall|people|tickets|reports|report|column|operations|sessions|policy|intent|dead|apikey|audit|models|scale|role|presence)\.[a-z_.-]+", line.strip())]
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


@contextlib.contextmanager
def foreign_page(body):
    """The address of a page of another origin."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            data = f"<!doctype html><title>Prize</title><link rel=icon href=data:,>{body}".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


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
        failures = run(Check(Desk(arguments.frontdesk, arguments.folder), browser, arguments.pictures, arguments.only))
        browser.close()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
