"""Customers who send what could run, hide or mislead, and a site that sends forms of its own with the cookie. Scenarios of check.py."""

import contextlib
import http.server
import threading

from desk import request

HOSTILE_NAME = "<img src=x onerror=alert(1)>\u202eeeL nnA\u200b"
HOSTILE_TEXTS = [
    "<script>alert(2)</script><svg onload=alert(3)><iframe srcdoc='<script>parent.alert(4)</script>'></iframe>",
    "\"><img src=x onerror=alert(5)><a href=javascript:alert(6)>press me</a> javascript:alert(7) data:text/html,<script>alert(8)</script>",
    "pay \u202e0001\u202c now\u200b, or\u2066 not\u2069\u0007\u0085\ufeff, {{constructor.constructor('alert(9)')()}} ${alert(10)}"
    # Joiners belong to Persian and to emoji; between figures they only hide.
    " \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f469\U0001f3fd\u200d\U0001f692 1\u200d2",
    "W" * 10_000,
]
# In this order in the third text.
HIDDEN_OF_TEXT = ["U+202E", "U+202C", "U+200B", "U+2066", "U+2069", "U+0007", "U+0085", "U+FEFF", "U+200D"]
HOSTILE_FILE = "\"><img src=x onerror=alert(11)>\u202egpj.exe"
REFUSED_ADDRESSES = ["javascript:alert(12)", "data:text/html,<script>alert(13)</script>", "vbscript:x", " javascript:alert(14)"]


def customers(check):
    for address in REFUSED_ADDRESSES:
        answer = check.desk.try_to_send("mallory", "see my file", attachments=[{"url": address, "name": "a"}])
        assert answer.status in (400, 422), (address, answer.status)
    with check.reader("zh") as reader:
        check.sign_in_agent(reader, "agent-001")
        files = [{"url": "https://files.example/?x=\"><script>alert(15)</script>".replace('"', "%22").replace("<", "%3C").replace(">", "%3E"),
                  "name": HOSTILE_FILE}]
        ticket = check.desk.send(HOSTILE_NAME, HOSTILE_TEXTS[0], subject=HOSTILE_TEXTS[1][:400],
                                attributes={HOSTILE_NAME: HOSTILE_NAME}, attachments=files)
        check.accept(reader, ticket, "<script>alert(2)</script>")
        for text in HOSTILE_TEXTS[1:]:
            assert check.desk.send(HOSTILE_NAME, text) == ticket
        reader.until("count => document.querySelectorAll('.message.customer').length === count", len(HOSTILE_TEXTS))
        shown = reader.page.locator(".message.customer .message-text")
        assert shown.nth(0).text_content() == HOSTILE_TEXTS[0]
        assert shown.nth(1).text_content() == HOSTILE_TEXTS[1]
        found = shown.nth(2).locator(".hidden-character").all_text_contents()
        assert found == HIDDEN_OF_TEXT, found
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
        check.write(reader, "note", HOSTILE_TEXTS[0])
        check.saved(reader, "note", HOSTILE_TEXTS[0])
        reader.press("Escape", "Control+k")
        reader.see("dialog.palette li .hidden-character", "U+202E")
        reader.press("Escape")
        check.picture(reader, "hostile")
        check.resolve(reader, ticket)
        check.presence(reader, "agent-001", "offline")
    assert check.desk.texts(ticket, "note") == [HOSTILE_TEXTS[0]]
    assert check.desk.replies(ticket) == [], "a note reached the channel"
    with check.reader("en") as reader:
        check.sign_in(reader, "--role", "operator", "--label", HOSTILE_NAME.replace("\u202e", "").replace("\u200b", ""))
        reader.see(".figure-card")
        reader.page.goto(f"{check.desk.console}/tickets?ticket={ticket}")
        reader.see(".message .message-text", "<script>alert(2)</script>")
        reader.see("h2 .hidden-character", "U+202E")
        assert reader.page.locator(".page :is(script, iframe, img)").count() == 0
        reader.page.goto(f"{check.desk.console}/sessions")
        reader.see("#page table", "<img src=x onerror=alert(1)>")
        check.operators_state = reader.state()


def foreign_form(check):
    # The browser reports the refusal at some time after the answer.
    with check.reader("en") as reader, reader.allowing(403):
        check.sign_in_agent(reader, "agent-003")
        ticket = check.desk.send("Chen", "Is anyone there?")
        check.accept(reader, ticket, "Is anyone there?")
        target = f"{check.desk.console}/v1/tickets/{ticket}/resolve"
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
        assert check.desk.ticket(ticket)["state"] == "assigned"
        # The same request of the console's own pages is accepted.
        answer = request("POST", target, headers={"Cookie": f"frontdesk_session={cookie}", "Sec-Fetch-Site": "same-origin"})
        assert answer.status == 200, (answer.status, answer.body)
        reader.page.goto(f"{check.desk.console}/desk")
        reader.see(".presence[data-presence]")
        check.presence(reader, "agent-003", "offline")


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
