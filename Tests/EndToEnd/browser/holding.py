"""Whose a ticket is, and what may be done with it: offers on a telephone, offers that are missed, transfers, names instead of identifiers.
Scenarios of check.py."""

from desk import request

AGENT, OTHER, LEAD = "agent-001", "agent-002", "agent-009"


def offers_on_a_phone(check):
    """An offer is seen, and leads to its answer, while a conversation is open."""
    with check.reader("en") as reader:
        reader.page.set_viewport_size({"width": 390, "height": 844})
        check.sign_in_agent(reader, AGENT)
        first = check.desk.send("Phone A", "The first of three")
        reader.see(".offer", "The first of three")
        for name in ("B", "C"):
            check.desk.send(f"Phone {name}", f"And {name} as well")
        reader.see(".offer", "And C as well")
        reader.page.locator(".offer", has_text="The first of three").locator("button.primary").click()
        reader.see(".conversation-column .composer textarea")
        count = reader.page.locator(".offer").count()
        waiting = reader.see(".waiting-offers", f"{count} offers")
        check.picture(reader, "phone-offers-waiting")
        reader.page.locator(".conversation-head .narrow").last.click()
        reader.see(".side-column")
        waiting.click()
        reader.see(".offer", "And B as well")
        assert not waiting.is_visible(), "the offers are on the screen twice"
        for name in ("B", "C"):
            reader.page.locator(".offer", has_text=f"And {name} as well").locator("button.primary").click()
            reader.see(".conversation-title h2", f"Phone {name}")
            reader.press("Escape", "Escape")
        reader.not_see(".waiting-offers")
        leave(check, reader, AGENT)
    assert check.desk.ticket(first)["state"] == "resolved"


def missed_offers(check):
    """Says what is known: the offer's time ran out. Once, however many were missed, and after a reload as well."""
    with check.reader("en") as reader:
        check.sign_in_agent(reader, AGENT)
        names = [f"Missed {number}" for number in range(2)]
        for name in names:
            check.desk.send(name, "A brief offer for you")
        reader.see(".presence[data-presence=away]", "missed an offer")
        reader.see(".notice.warning", "You missed 2 offers")
        assert reader.page.locator(".notice").count() == 1, reader.page.locator(".notice").all_text_contents()
        assert "someone else" not in reader.page.inner_text("body")
        reader.page.reload()
        reader.see(".presence[data-presence=away]", "missed an offer")
        reader.see(".inbox .empty", "You missed 2 offers")
        reader.page.locator(".inbox .empty button").click()
        reader.see(".presence[data-presence=available]")
        assert "missed" not in reader.page.inner_text(".presence")
        for name in names:
            reader.see(".offer", "A brief offer for you")
            reader.press("a")
            reader.see(".composer textarea")
            reader.press("Escape")
        leave(check, reader, AGENT)


def moving(check):
    """A transfer says what it did; who does not have a ticket is told so, and is offered nothing that the server would refuse."""
    with check.reader("zh") as reader, check.reader("en") as lead:
        check.sign_in_agent(reader, AGENT)
        ticket = check.desk.send("Move", "Whose is it?")
        check.accept(reader, ticket, "Whose is it?")
        # The server refuses what would change nothing, and the page does not offer it.
        cookie = reader.cookie()["value"]
        answer = request("POST", f"{check.desk.console}/v1/tickets/{ticket}/transfer", {"agent": AGENT, "reason": "to me"},
                         {"Cookie": f"frontdesk_session={cookie}", "Sec-Fetch-Site": "same-origin"})
        assert answer.status == 422, (answer.status, answer.body)
        assert answer.body["errors"][0]["field"] == "/agent" and answer.body["errors"][0]["value"] == AGENT, answer.body
        reader.press("t")
        reader.until("document.querySelector('dialog select optgroup') !== null")
        assert reader.page.locator(f"dialog option[value='agent:{AGENT}']").is_disabled()
        # Actors, teams and languages by their names.
        reader.press("Escape")
        reader.page.locator(".side-section summary", has_text="分派原因").click()
        reader.see(".decision", "综合咨询")
        reader.see(".decision", "前台组")
        reader.page.locator(".side-section summary", has_text="时间线").click()
        reader.see(".timeline li", "自动分派")
        raw = [text for text in reader.page.locator(".side-column .decision, .side-column .timeline li").all_text_contents()
               if "service:" in text or "agent:" in text or "general" in text or "desk" in text]
        assert not raw, raw
        reader.press("t")
        reader.page.locator("dialog select").select_option("queue:orders")
        reader.page.locator("dialog input[name=reason]").fill("归订单组")
        check.presence_by_interface(OTHER, "offline")
        reader.press("Enter")
        reader.see(".notice.good", "已转接到队列“订单”")
        # It is in the queue again, and the conversation is still open.
        reader.see(".conversation-column .move", "订单")
        assert reader.page.locator(".conversation-head .actions button:visible").all_text_contents() == []
        reader.page.reload()
        reader.see(".conversation-column .move", "无人处理")
        reader.press("e")
        reader.see(".notice.warning", "无人处理")
        assert reader.page.locator("dialog[open]").count() == 0
        # A lead who reads it takes it over where they are.
        check.sign_in(lead, "--role", "lead", "--agent", LEAD)
        lead.see(".presence[data-presence]")
        check.presence_by_interface(LEAD, "available")
        lead.page.goto(f"{check.desk.console}/desk?ticket={ticket}")
        lead.see(".conversation-column .move button", "Take over").click()
        lead.see("dialog input:focus")
        lead.type("waits too long")
        lead.press("Enter")
        check.accept(lead, ticket, "Whose is it?")
        reader.page.reload()
        reader.see(".conversation-column .move", "王芳")
        check.resolve(lead, ticket)
        for agent in (AGENT, LEAD):
            check.presence_by_interface(agent, "offline")


# How far the words of an element are from its beginning.
INDENT = """(selector) => {
  const element = [...document.querySelectorAll(selector)].find((entry) => entry.textContent.includes('\u0639'));
  const words = document.createRange();
  words.selectNodeContents(element);
  return words.getBoundingClientRect().left - element.getBoundingClientRect().left;
}"""


def names_and_search(check):
    """A name that is written from right to left stays beside its label, and everything is found from every page."""
    name = "\u0639\u0645\u0631 \u062d\u0633\u0646"
    with check.reader("zh") as reader:
        check.sign_in_agent(reader, AGENT)
        ticket = check.desk.send(name, "Where is it?")
        check.accept(reader, ticket, "Where is it?")
        for place in (".conversation-title h2", ".inbox-name", ".side-column dd"):
            assert reader.page.evaluate(INDENT, place) < 20, place
        assert reader.page.evaluate("getComputedStyle(document.querySelector('.facts .short-id')).whiteSpace") == "nowrap"
        # Colons are those of the language.
        check.write(reader, "note", "noted")
        check.saved(reader, "note", "noted")
        reader.see(".inbox-line", "备注：noted")
        reader.press("Escape")
        check.resolve(reader, ticket)
        check.presence(reader, AGENT, "offline")
    with check.reader("en", state=check.operator_state()) as reader:
        check.open_page(reader, "tickets")
        assert reader.page.locator("select[name=age] option[value=under-168h]").text_content() == "in the last 7 days"
        reader.press("?")
        reader.see("dialog kbd", "Ctrl-K")
        reader.press("Escape", "Control+k")
        reader.see("dialog.palette input:focus")
        reader.type("Reports")
        reader.see("dialog.palette li[aria-selected=true]", "Reports")
        reader.press("Enter")
        reader.see(".report-picture")
        # An address that is no page leads somewhere.
        with reader.allowing(404):
            reader.page.goto(f"{check.desk.console}/nowhere")
            reader.see("main a", "To the first page").click()
            reader.see(".figure-card")
        reader.page.goto(f"{check.desk.console}/audit")
        reader.see("#audit")


def leave(check, reader, agent):
    """Resolves all that the agent has."""
    reader.page.set_viewport_size({"width": 1280, "height": 800})
    for notice in reader.page.locator(".notice button").all():
        notice.click()
    while reader.page.locator(".inbox li[data-key]").count() > 0:
        row = reader.page.locator(".inbox li[data-key]").first
        ticket = row.get_attribute("data-key")
        row.locator("button").click()
        reader.see(f'.inbox li[data-key="{ticket}"] [aria-current=true]')
        reader.see(".composer textarea")
        check.resolve(reader, ticket)
        reader.until("ticket => document.querySelector(`.inbox li[data-key='${ticket}']`) === null", ticket)
        for notice in reader.page.locator(".notice button").all():
            notice.click()
    check.presence(reader, agent, "offline")
