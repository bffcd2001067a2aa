"""What is written is kept and sent once: when the console is killed in the middle, and on two devices. Scenarios of check.py."""

import os
import re
import signal

from desk import wait_for


def killed_console(check):
    text = "Written while the console ended, and written once."
    with check.reader("en") as reader:
        check.sign_in_agent(reader, "agent-002")
        ticket = check.desk.send("Wang", "Will you still answer?")
        check.accept(reader, ticket, "Will you still answer?")
        killed = []

        def lose_answer(route):
            # The first time the console has written the reply and ends before its answer arrives.
            if not killed:
                answer = route.fetch()
                assert answer.ok, answer.status
                killed.append(check.desk.console_process())
                os.kill(killed[0], signal.SIGKILL)
                route.abort("connectionreset")
            else:
                route.continue_()

        reader.page.route("**/replies", lose_answer)
        with reader.allowing("lost", 503):
            check.write(reader, "reply", text)
            check.saved(reader, "reply", text)
            new = wait_for("the supervisor's new console", lambda: check.desk.console_process() not in (None, killed[0]) and check.desk.console_process())
            assert new != killed[0]
            reader.until("document.querySelector('.connection').dataset.state === 'open'")
        reader.until("document.querySelectorAll('.message.reply').length === 1")
        check.has_once(reader, "reply", text)
        assert check.desk.texts(ticket, "reply") == [text]
        assert check.desk.replies(ticket) == [text]
        # The session outlives the process, and the stream has begun again.
        other = "And the next one."
        reader.press("Escape")
        check.write(reader, "note", other)
        check.saved(reader, "note", other)
        assert check.desk.texts(ticket, "note") == [other]
        check.resolve(reader, ticket)
        check.presence(reader, "agent-002", "offline")


def later_text(check):
    """A second text while the first one is still on its way, or was refused: neither is taken for another device's."""
    first, second, third = "The first reply.", "A second thought.", "Something else."
    with check.reader("en") as reader, reader.allowing(422):
        check.sign_in_agent(reader, "agent-002")
        ticket = check.desk.send("Deng", "Two answers, please")
        check.accept(reader, ticket, "Two answers, please")
        answers = []
        reader.page.on("response", lambda answer: answers.append((answer.request.method, answer.status)) if "/drafts/" in answer.url else None)
        reader.press("r")
        reader.see(".composer textarea:focus")
        reader.type(first)
        reader.see(".composer-hint", "Draft saved")
        reader.press("Control+Enter")
        reader.type(second)
        reader.press("Control+Enter")
        reader.see(".message.reply", second).locator("button", has_text="Undo").click()
        assert reader.page.input_value(".composer textarea") == second
        reader.not_see(".composer .move")
        check.saved(reader, "reply", first)
        # Once the first is sent, the second one is the draft.
        reader.see(".composer-hint", "Draft saved")
        reader.not_see(".composer .move")
        # A reply that a rule refused keeps its draft; what is typed next waits on this machine.
        refusal = {"type": "urn:frontdesk:problem:reply-blocked", "title": "", "status": 422, "detail": "no",
                   "errors": [{"field": "/text", "value": "thought", "detail": "not this word"}]}
        reader.page.route("**/replies", lambda route: route.fulfill(status=422, json=refusal))
        reader.press("Control+Enter")
        reader.see(".message.reply .message-state[data-state=unsent]", "not this word")
        reader.page.unroute("**/replies")
        reader.type(third)
        reader.see(".composer-hint", "this computer only")
        reader.press("Control+Enter")
        check.saved(reader, "reply", third)
        reader.page.locator(".message.reply button", has_text="Change the text").click()
        reader.until(f"document.querySelector('.composer textarea').value === {second!r}")
        reader.press("Control+Enter")
        check.saved(reader, "reply", second)
        assert check.desk.texts(ticket, "reply") == [first, third, second]
        assert not [answer for answer in answers if answer[1] >= 400], answers
        reader.press("Escape")
        check.resolve(reader, ticket)
        check.presence(reader, "agent-002", "offline")


def two_devices(check):
    """One agent at two browsers: drafts, what is unread, and a page that has not seen the newest message."""
    draft, longer, mine = "您好，正在核实", "您好，正在核实。请稍等 A-10023", "我的另一种写法"
    text = "document.querySelector('.composer textarea')?.value"
    with check.reader("zh") as office, check.reader("en") as home, office.allowing(409, 412), home.allowing(409, 412):
        check.sign_in_agent(office, "agent-001")
        ticket = check.desk.send("Han", "Where is my refund?")
        check.accept(office, ticket, "Where is my refund?")
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
        check.sign_in(home, "--agent", "agent-001")
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
        check.picture(office, "draft-clash-zh")
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
        check.desk.send("Han", "It has come, thank you!")
        home.see(".message.customer", "It has come, thank you!")
        office.press("Control+Enter")
        office.see(".message.reply .message-state[data-state=unsent]", "客户又发来了消息。")
        office.see(".message.customer", "It has come, thank you!")
        assert tried[0] and check.desk.texts(ticket, "reply") == [], "a stale page replied"
        office.see(".message.reply .message-text", longer)
        check.picture(office, "stale-reply-zh")
        office.tab_to("仍然发送", backwards=True)
        office.press("Enter")
        check.saved(office, "reply", longer)
        assert check.desk.texts(ticket, "reply") == [longer]
        # It is gone on the other device, which has it as a reply.
        home.see(".message.reply", longer)
        home.until(f"{text} === ''")

        # Unread is what no device of the agent has shown.
        other = check.desk.send("Wei", "A second question")
        check.accept(office, other, "A second question")
        office.until("id => !document.querySelector(`.inbox li[data-key='${id}'] .unread`)", other)
        # What is due first is on top.
        office.press("j")
        office.see(f'.inbox li[data-key="{ticket}"] [aria-current=true]')
        check.desk.send("Wei", "And one more thing")
        office.see(f'.inbox li[data-key="{other}"] .unread', "1 条未读")
        office.see(f'.inbox li[data-key="{other}"] .inbox-line', "And one more thing")
        home.see(f'.inbox li[data-key="{other}"] .unread', "1 unread")
        for done in (ticket, other):
            home.page.goto(f"{check.desk.console}/desk?ticket={done}")
            home.see(f'.inbox li[data-key="{done}"] [aria-current=true]')
            home.see(".message.customer")
            check.resolve(home, done)
        office.until("document.querySelectorAll('.inbox li[data-key]').length === 0")
        check.presence(office, "agent-001", "offline")
