"""A lead at work: sees on the wall that a customer waits, reads along, is seen doing so, takes over, and sends an agent on a break."""

AGENT, LEAD = "agent-003", "agent-009"


def lead_takes_over(check):
    question, more, answer = "Has my refund been sent?", "It has been two weeks.", "I have it here: it was sent this morning."
    with check.reader("zh", state=check.operator_state()) as wall, check.reader("en") as agent, check.reader("zh") as lead:
        # On a screen without anything to press, in the policy's titles, and without being asked.
        wall.page.goto(f"{check.desk.console}/wallboard?tv")
        for title in ("综合咨询", "订单"):
            wall.see(".queues th", title)
        assert wall.page.locator("#page button:visible, .bar-pages:visible, .bar-me:visible").count() == 0
        ticket = check.desk.send("Mia", question)
        wall.see(".todo", "没有客服在线")
        wall.see(".queues tbody tr:first-child [data-since]")
        wall.see(".queues .spark[aria-label]")
        check.picture(wall, "wallboard-tv")
        check.sign_in_agent(agent, AGENT)
        check.accept(agent, ticket, question)
        check.sign_in(lead, "--role", "lead", "--agent", LEAD)
        lead.see(".presence[data-presence]")
        # From the agent to what they hold, and into the conversation.
        lead.page.goto(f"{check.desk.console}/people")
        lead.see(f"tr[data-key='{AGENT}'] button", "手上工单").click()
        lead.see("dialog .held a", "Mia").click()
        lead.see(".message.customer .message-text", question)
        # Each sees the other, by title where the policy has one.
        agent.see(".viewers", "Fang Wang is looking")
        assert check.desk.send("Mia", more) == ticket
        lead.see(".message.customer .message-text", more)
        agent.press("r")
        agent.see(".composer textarea:focus")
        agent.type("I am")
        lead.see(".viewers", f"{AGENT} 正在输入")
        # Taken over: offered to the lead, who accepts it at the desk. The agent no longer has it.
        check.presence_by_interface(LEAD, "available")
        lead.see("#page button", "接管").click()
        lead.see("dialog input:focus")
        lead.type("客户等了两周")
        lead.press("Enter")
        lead.see(".notice.good")
        lead.page.goto(f"{check.desk.console}/desk")
        check.accept(lead, ticket, more)
        assert check.desk.ticket(ticket)["agent"] == LEAD
        agent.not_see(f'.inbox li[data-key="{ticket}"]')
        check.write(lead, "reply", answer)
        check.saved(lead, "reply", answer)
        assert check.desk.texts(ticket, "reply") == [answer]
        # A break, with its reason.
        lead.page.goto(f"{check.desk.console}/people")
        lead.see(f"tr[data-key='{AGENT}'] button", "设置状态").click()
        lead.see("dialog input[name=reason]").fill("培训")
        lead.see("dialog form button", "离开").click()
        lead.see(f"tr[data-key='{AGENT}'] .presence-word[data-presence=away]", "离开")
        lead.see(f"tr[data-key='{AGENT}'] small", "培训")
        assert check.desk.presence(AGENT) == "away"
        lead.page.goto(f"{check.desk.console}/desk?ticket={ticket}")
        lead.see(".composer textarea")
        check.resolve(lead, ticket)
        wall.until("!document.querySelector('.queues [data-since]')")
        for name in (AGENT, LEAD):
            check.presence_by_interface(name, "offline")
