"""What a desk's pages must survive: a database that is away, a wrong clock, a second tab, an offer that ends under the hand, long lists, narrow
screens. Scenarios of check.py, whose parts they use; none measures time (measure.py does)."""

import contextlib
import datetime
import re
import time

from desk import Pause, wait_for
from instruments import DRAWN_WHILE_SCROLLING, SHIFTED_CLOCK, Streams, WATCH_CHANGES

# How long PostgreSQL is away.
AWAY_SECONDS = 10
# A wrong clock shows as an hour; what a slow machine takes, never.
CLOCK_TOLERANCE = datetime.timedelta(minutes=20)
MESSAGES = 500
TICKETS = 1000
# Messages whose content is drawn at once, however many there are: those in and next to the window.
DRAWN_MOST = 80
# The agent's telephone, and 1280 × 1024 at 400 %.
NARROW_SCREENS = {"phone": (390, 844), "zoomed": (320, 256)}


def scenarios(check):
    trials = Trials(check)
    return [
        ("PostgreSQL is away for ten seconds", trials.database_away),
        ("the machine's clock is wrong by an hour", trials.wrong_clock),
        ("two tabs share one stream", trials.two_tabs),
        ("an offer ends while it is being accepted", trials.offer_ends),
        ("a conversation of 500 messages", trials.long_conversation),
        ("an inbox of 1,000 tickets", trials.long_inbox),
        ("narrow screens", trials.narrow_screens),
    ]


class Trials:
    def __init__(self, check):
        self.check = check
        self.desk = check.desk

    def leave(self, reader, agent, *tickets):
        """Resolves what the scenario opened, so that the next one begins with an empty desk."""
        for ticket in tickets:
            # On a narrow screen the list is another view.
            if not reader.page.locator(".inbox").is_visible():
                reader.press("Escape", "Escape")
            reader.page.locator(f'.inbox li[data-key="{ticket}"] button').click()
            reader.until("ticket => document.querySelector(`.inbox li[data-key=\"${ticket}\"] [aria-current=true]`) !== null", ticket)
            reader.see(".conversation-head")
            for notice in reader.page.locator(".notice button").all():
                notice.click()
            self.check.resolve(reader, ticket)
        self.check.presence(reader, agent, "offline")

    # --- The database ------------------------------------------------------------------------------------------------

    def database_away(self):
        check, agent = self.check, "agent-001"
        text, draft = "Written while the database was away.", "Typed while the database was away"
        with check.reader("en") as reader:
            check.sign_in_agent(reader, agent)
            ticket = self.desk.send("Zhao", "Is the database there?")
            check.accept(reader, ticket, "Is the database there?")
            with reader.allowing("lost", 503):
                with self.desk.database_stopped():
                    stopped = time.monotonic()
                    check.write(reader, "reply", text)
                    reader.type(draft)
                    reader.see(".strip.warning", "not responding")
                    # A page that is opened meanwhile says so too, and goes on by itself.
                    other = reader.context.new_page()
                    other.goto(f"{self.desk.console}/desk", wait_until="commit")
                    other.locator(".empty", has_text="not responding").wait_for()
                    # The length of the outage is the trial's subject; nothing is waited for.
                    Pause.passes(max(0.0, AWAY_SECONDS - (time.monotonic() - stopped)))
                check.saved(reader, "reply", text)
                reader.not_see(".strip")
                other.locator(".message.reply .message-text", has_text=text).or_(other.locator(f'.inbox li[data-key="{ticket}"]')).first.wait_for()
                other.close()
            check.has_once(reader, "reply", text)
            assert self.desk.texts(ticket, "reply") == [text]
            assert reader.page.locator(".composer textarea").input_value() == draft
            # The stream goes on without anything being pressed.
            assert self.desk.send("Zhao", "It is there again.") == ticket
            reader.see(".message.customer .message-text", "It is there again.")
            reader.page.reload()
            reader.see(".composer textarea")
            reader.until("text => document.querySelector('.composer textarea')?.value === text", draft)
            reader.page.locator(".composer textarea").fill("")
            self.leave(reader, agent, ticket)
        assert self.desk.replies(ticket) == [text]

    # --- The clock ---------------------------------------------------------------------------------------------------

    def wrong_clock(self):
        for minutes in (60, -60):
            self.wrong_clock_by(minutes)

    def wrong_clock_by(self, minutes):
        check, agent = self.check, "agent-002"
        with check.reader("en") as reader:
            reader.context.add_init_script(SHIFTED_CLOCK % minutes)
            check.sign_in_agent(reader, agent)
            assert abs(reader.page.evaluate("Date.now()") / 1000 - time.time() - minutes * 60) < 600, "the clock is not wrong: nothing is shown"
            ticket = self.desk.send("Qian", f"What time is it? {minutes}")
            left = self.length(reader.see(".offer .offer-left").text_content())
            assert abs(left - self.until(self.desk.ticket(ticket)["offer"]["expires_at"])) < CLOCK_TOLERANCE, left
            check.accept(reader, ticket)
            due = self.until(self.desk.ticket(ticket)["clocks"]["first_response"]["due_at"])
            promise = reader.see(".conversation-head .promise")
            assert abs(self.length(promise.locator(".promise-figure").text_content()) - due) < CLOCK_TOLERANCE
            assert promise.get_attribute("data-state") == "on-time", "a promise is late by the machine's clock"
            reader.see(f'.inbox li[data-key="{ticket}"] .promise[data-state="on-time"]')
            # Also while it is on its way, which is the page's own time.
            check.write(reader, "reply", "It is the server's time.")
            self.is_now(reader, ".message.reply time")
            check.saved(reader, "reply", "It is the server's time.")
            self.is_now(reader, ".message.reply time")
            self.is_now(reader, ".message.customer time")
            # What the page asks for is in the server's time as well.
            reader.press("Escape", "c")
            reader.see("dialog input[type=datetime-local]")
            asked = reader.page.evaluate("Date.parse(document.querySelector('dialog input[type=datetime-local]').value)") / 1000
            assert 0 < asked - time.time() < 2 * 3600, asked - time.time()
            reader.press("Escape")
            self.leave(reader, agent, ticket)
        with check.reader("en", state=check.operator_state()) as reader:
            reader.context.add_init_script(SHIFTED_CLOCK % minutes)
            check.open_page(reader, "wallboard")
            reader.until("/\\d/.test(document.querySelector('.bar-middle').textContent)")
            shown = re.search(r"(\d\d):(\d\d)", reader.page.inner_text(".bar-middle"))
            here = [reader.page.evaluate(f"new Date({(time.time() + shift) * 1000}).{part}()") for shift in (-1200, 0, 1200) for part in ("getHours",)]
            assert int(shown[1]) in here, (shown[0], here)
            right = reader.page.evaluate(f"[new Date({time.time() * 1000}).getHours(), new Date({time.time() * 1000}).getMinutes()]")
            wrong = abs((int(shown[1]) * 60 + int(shown[2]) - right[0] * 60 - right[1] + 720) % 1440 - 720)
            assert datetime.timedelta(minutes=wrong) < CLOCK_TOLERANCE, shown[0]

    @staticmethod
    def length(text):
        """A length of time as pages show it: 0:21, 2 h 05."""
        hours = re.fullmatch(r"(\d+) h (\d+)", text.strip())
        if hours:
            return datetime.timedelta(hours=int(hours[1]), minutes=int(hours[2]))
        minutes, seconds = text.split(":")
        return datetime.timedelta(minutes=int(minutes), seconds=int(seconds))

    @staticmethod
    def until(moment):
        return datetime.datetime.fromisoformat(moment) - datetime.datetime.now(datetime.timezone.utc)

    def is_now(self, reader, selector):
        moment = reader.page.locator(selector).last.get_attribute("datetime")
        assert abs(self.until(moment)) < CLOCK_TOLERANCE, (selector, moment)

    # --- Tabs --------------------------------------------------------------------------------------------------------

    def two_tabs(self):
        check, agent = self.check, "agent-003"
        with check.reader("en") as reader:
            streams = Streams(reader.context)
            check.sign_in_agent(reader, agent)
            first = reader.page
            ticket = self.desk.send("Sun", "In both tabs?")
            reader.see(".offer", "In both tabs?")
            second = reader.context.new_page()
            second.goto(f"{self.desk.console}/desk")
            # The stream began before this tab, which shows the offer all the same.
            second.locator(".offer", has_text="In both tabs?").wait_for()
            self.is_connected(reader, second)
            assert streams.open() == [first], "each tab has a stream of its own"
            # A stream is kept alive every ten seconds, and an offer outlasts that.
            pings = first.evaluate("window.pings")
            wait_for("a keep-alive", lambda: first.evaluate("window.pings") > pings)
            assert first.locator(".offer").count() == 1 and second.locator(".offer").count() == 1, "a keep-alive took the offer away"
            check.accept(reader, ticket)
            second.locator(f'.inbox li[data-key="{ticket}"]').wait_for()
            second.locator(".offer").first.wait_for(state="hidden")
            assert second.locator(".notice").count() == 0, second.locator(".notice").all_text_contents()
            second.locator(f'.inbox li[data-key="{ticket}"] button').click()
            assert self.desk.send("Sun", "A second message.") == ticket
            for page in (first, second):
                page.locator(".message.customer .message-text", has_text="A second message.").wait_for()
            assert streams.open() == [first] and streams.begun == 1, streams.begun
            # A reply that can still be taken back is the business of the tab that wrote it.
            check.write(reader, "reply", "From the first tab.")
            second.reload()
            check.saved(reader, "reply", "From the first tab.")
            assert streams.replies == [first], streams.replies
            second.locator(".message.reply .message-text", has_text="From the first tab.").wait_for()
            # The other tab takes over.
            first.close()
            reader.page = second
            wait_for("the second tab's stream", lambda: second.evaluate("window.pings >= 0") and streams.open() == [second])
            self.is_connected(reader, second)
            assert self.desk.send("Sun", "A third message.") == ticket
            second.locator(".message.customer .message-text", has_text="A third message.").wait_for()
            # The console notices at the next keep-alive that the first one has gone.
            wait_for("one stream at the console", lambda: self.desk.console_gauge("frontdesk_console_streams") == 1)
            second.bring_to_front()
            self.leave(reader, agent, ticket)

    @staticmethod
    def is_connected(reader, page):
        wait_for("the tab is connected", lambda: page.evaluate("document.querySelector('.connection')?.dataset.state === 'open'"))

    # --- Offers ------------------------------------------------------------------------------------------------------

    def offer_ends(self):
        check, agent = self.check, "agent-001"
        with check.reader("en") as reader:
            check.sign_in_agent(reader, agent)
            held = []
            reader.page.route("**/accept", lambda route: held.append(route))
            ticket = self.desk.send("Li", "A brief offer, please")
            reader.see(".offer", "A brief offer, please")
            reader.press("a")
            wait_for("the request to accept", lambda: held)
            # The offer ends while the request is on its way.
            wait_for("the agent missed the offer", lambda: self.desk.presence(agent) == "away")
            with reader.allowing(404, 409):
                for route in held:
                    route.continue_()
                reader.see(".notice", "You missed an offer")
                reader.not_see(".offer")
                reader.see(".presence[data-presence=away]")
                reader.page.unroute("**/accept")
            assert self.desk.ticket(ticket)["agent"] is None
            assert reader.page.locator(".inbox li[data-key]").count() == 0
            # One key press later the agent works on: nothing is stuck.
            reader.page.locator(".inbox .empty button").click()
            reader.see(".presence[data-presence=available]")
            other = self.desk.send("Zhou", "The next one, please")
            check.accept(reader, other, "The next one, please")
            reader.press("Escape")
            reader.see(".offer", "A brief offer, please")
            check.accept(reader, ticket)
            self.leave(reader, agent, other, ticket)

    # --- Long lists --------------------------------------------------------------------------------------------------

    def long_conversation(self):
        check, agent = self.check, "agent-002"
        with check.reader("en") as reader:
            check.sign_in_agent(reader, agent)
            ticket, texts = self.open_long_conversation(reader)
            shown = reader.page.locator(".message.customer .message-text")
            assert shown.all_text_contents() == texts
            # What is not in the window is not drawn.
            drawn = reader.page.evaluate(DRAWN_WHILE_SCROLLING)
            assert max(drawn) <= DRAWN_MOST and len(drawn) > 10, drawn
            # One more message changes one row, and none is lost between the pages.
            reader.page.evaluate(WATCH_CHANGES, ".messages")
            assert self.desk.send("Wu", "One more.") == ticket
            reader.see(".message.customer .message-text", "One more.")
            assert shown.all_text_contents() == [*texts, "One more."]
            changed = reader.page.evaluate("window.changedRows()")
            assert len(changed) == 1, changed
            self.leave(reader, agent, ticket)

    def open_long_conversation(self, reader):
        """A ticket with all of its messages on the page."""
        texts = [f"Message {number} of a long day. " + "All the same, with some more words. " * (number % 5) for number in range(MESSAGES)]
        texts = [text.strip() for text in texts]
        ticket = self.desk.send("Wu", texts[0])
        self.check.accept(reader, ticket, texts[0])
        self.desk.send_all("Wu", texts[1:])
        wait_for("all messages", lambda: self.desk.newest_text(ticket) == texts[-1])
        reader.see(".message.customer .message-text", texts[-1])
        older = reader.page.locator("button.more")
        while reader.page.locator(".message.customer").count() < len(texts):
            count = reader.page.locator(".message.customer").count()
            older.click()
            reader.until("count => document.querySelectorAll('.message.customer').length > count", count)
        return ticket, texts

    @contextlib.contextmanager
    def long_inbox_page(self, reader, agent):
        """A desk whose server says that the agent has 1,000 tickets. Yields a function that makes one of them change."""
        check = self.check
        ticket = self.desk.send("Zheng", "One of a thousand")
        check.accept(reader, ticket, "One of a thousand")
        whole = self.desk.ticket(ticket)
        held = {**{key: value for key, value in whole.items() if key != "messages"}}
        rows = {}
        for number in range(TICKETS):
            name = f"{whole['ticket_id'][:-4]}{number:04x}"
            rows[name] = {**held, "ticket_id": name, "version": 1, "customer": f"Customer {number}", "reply_due_since": None, "unread": 0}
        asked = []

        def newest(row):
            text = f"Version {row['version']} of {row['customer']}"
            return {**whole["messages"][0], "message_id": f"{row['ticket_id']}-{row['version']}", "text": text, "excerpt": text}

        def answer(route):
            path = route.request.url.split("?")[0]
            asked.append(path)
            name = path.rsplit("/", 1)[1]
            if path.endswith("/v1/agents/me/tickets"):
                route.fulfill(json={"tickets": [{**row, "last_message": newest(row)} for row in rows.values()]})
            elif name in rows:
                route.fulfill(json={**whole, **rows[name], "messages": [newest(rows[name])], "messages_next": None})
            else:
                route.continue_()

        pattern = re.compile(r"/v1/(agents/me/tickets$|tickets/[0-9a-z-]+$)")
        reader.page.route(pattern, answer)
        # A document of the same origin that is no page of the desk speaks in the stream's place.
        speaker = reader.context.new_page()
        speaker.goto(f"{self.desk.console}/openapi.json")

        def change(number):
            name = list(rows)[number]
            rows[name]["version"] += 1
            rows[name]["unread"] += 1
            event = {"name": "ticket", "data": {"ticket_id": name, "version": rows[name]["version"], "state": "assigned", "suggested_move": None}}
            asked.clear()
            speaker.evaluate("""([name, event]) => new BroadcastChannel(name).postMessage({ kind: 'event', event })""",
                             [f"frontdesk-stream /v1/agents/me/stream {agent}", event])
            text = f"Version {rows[name]['version']} of Customer {number}"
            reader.until("([name, text]) => document.querySelector(`.inbox li[data-key=\"${name}\"] .inbox-line`)?.textContent === text", [name, text])
            return name

        reader.page.goto(f"{self.desk.console}/desk")
        reader.until("count => document.querySelectorAll('.inbox li[data-key]').length === count", TICKETS)
        yield change, asked
        reader.page.unroute(pattern)
        speaker.close()
        reader.page.goto(f"{self.desk.console}/desk")
        reader.see(f'.inbox li[data-key="{ticket}"]')
        self.leave(reader, agent, ticket)

    def long_inbox(self):
        check, agent = self.check, "agent-003"
        with check.reader("en") as reader:
            check.sign_in_agent(reader, agent)
            with self.long_inbox_page(reader, agent) as (change, asked):
                # Every row has its last line, without a request for each.
                reader.until("() => [...document.querySelectorAll('.inbox-line')].every((line) => line.textContent !== '')")
                assert len(asked) <= 3, asked
                for number in (3, 700):
                    reader.page.evaluate(WATCH_CHANGES, ".inbox")
                    name = change(number)
                    changed = reader.page.evaluate("window.changedRows()")
                    assert changed == [name], changed
                    assert len(asked) <= 3, asked

    # --- Narrow screens ----------------------------------------------------------------------------------------------

    def narrow_screens(self):
        check, agent = self.check, "agent-001"
        for name, (width, height) in NARROW_SCREENS.items():
            with check.reader("zh" if name == "phone" else "en") as reader:
                reader.page.set_viewport_size({"width": width, "height": height})
                check.sign_in_agent(reader, agent)
                self.fits(reader, name, "empty")
                ticket = self.desk.send("李雷", "我的快递一周没动了，单号 A-10023，什么时候能到？ " + "W" * 300, subject="X" * 200)
                reader.see(".offer", "A-10023")
                self.fits(reader, name, "offer")
                # By touch: the views follow each other, and one key leads back.
                reader.page.locator(".offer .primary").click()
                self.is_view(reader, "conversation")
                reader.see(".composer textarea")
                check.write(reader, "note", "已联系承运商，等回电 " + "y" * 200)
                self.fits(reader, name, "conversation")
                reader.page.locator(".conversation-head .narrow").last.click()
                self.is_view(reader, "side")
                self.fits(reader, name, "side")
                reader.page.locator(".side-column .narrow").first.click()
                self.is_view(reader, "conversation")
                reader.page.locator(".conversation-head .narrow").first.click()
                self.is_view(reader, "inbox")
                self.fits(reader, name, "inbox")
                reader.page.locator(f'.inbox li[data-key="{ticket}"] button').click()
                self.is_view(reader, "conversation")
                reader.page.locator(".composer textarea").focus()
                reader.press("Escape", "Escape")
                self.is_view(reader, "inbox")
                self.leave(reader, agent, ticket)
            with check.reader("en", state=check.operator_state()) as reader:
                reader.page.set_viewport_size({"width": width, "height": height})
                for page in ("wallboard", "tickets", "people"):
                    check.open_page(reader, page)
                    self.fits(reader, name, page)

    @staticmethod
    def is_view(reader, view):
        reader.see(f".{view}-column")
        others = [other for other in ("inbox", "conversation", "side") if other != view]
        wait_for(f"only {view}", lambda: not any(reader.page.locator(f".{other}-column").is_visible() for other in others))

    def fits(self, reader, screen, what):
        """Nothing must be scrolled sideways; tables scroll within their card (WCAG 2.2, 1.4.10 excepts them)."""
        self.check.picture(reader, f"{screen}-{what}")
        wide = reader.page.evaluate("""[document.documentElement, ...document.querySelectorAll('body *')]
            .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0
              && (element === document.documentElement || /auto|scroll/.test(getComputedStyle(element).overflowX))
              && !element.querySelector(':scope > table, :scope > section > table'))
            .map((element) => `${element.tagName}.${element.className} ${element.scrollWidth} > ${element.clientWidth}`)""")
        assert wide == [], (screen, what, wide)
        # What is needed can be reached: no view is squeezed to nothing by the bar above it.
        tall = reader.page.evaluate("document.querySelector('.page').clientHeight")
        assert tall >= 160, (screen, what, tall)
