#!/usr/bin/env python3
"""An agent's own desk tool, with nothing but Python's standard library: one agent at two devices, which share drafts and do not trust a stale page.

  FRONTDESK_KEY=... FRONTDESK_CHANNEL_KEY=... agents_desk.py TICKET CUSTOMER QUEUE

The agent has TICKET, CUSTOMER wrote it on the channel of the second key, and QUEUE is one of another team. Prints one line of JSON for each thing that it
has seen to hold. FRONTDESK_URL and FRONTDESK_INTAKE_URL are the addresses of console and intake, by default http://127.0.0.1:8081 and :8080. Exits
with 0 when all of it held, 1 when something did not, 2 when the desk could not be reached."""
import json
import os
import sys
import urllib.error
import urllib.request

URL = os.environ.get("FRONTDESK_URL", "http://127.0.0.1:8081")
INTAKE_URL = os.environ.get("FRONTDESK_INTAKE_URL", "http://127.0.0.1:8080")


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.tag = headers.get("ETag")
        self.body = json.loads(body) if body else None
        self.kind = (self.body or {}).get("type", "").rsplit(":", 1)[-1]


def ask(method, path, body=None, key=None, match=None, url=URL, bearer="FRONTDESK_KEY"):
    headers = {"Authorization": "Bearer " + os.environ[bearer]}
    data = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(body).encode("utf-8")
    if key:
        headers["Idempotency-Key"] = key
    if match:
        headers["If-Match"] = match
    request = urllib.request.Request(url + path, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())


class Broken(Exception):
    pass


def hold(what, condition, seen=None):
    if not condition:
        raise Broken("%s: %s" % (what, json.dumps(seen, ensure_ascii=False)))
    print(json.dumps({"held": what}, ensure_ascii=False), flush=True)


class Device:
    """What one device of the agent knows: the ticket as it was read, and the draft's key."""

    def __init__(self, ticket):
        self.path = "/v1/tickets/" + ticket
        self.tag = None
        self.key = None
        self.look()

    def look(self):
        ticket = ask("GET", self.path)
        self.tag = ticket.tag
        drafts = ask("GET", self.path + "/drafts").body["drafts"]
        own = [draft for draft in drafts if draft["kind"] == "reply" and draft["text"] is not None]
        self.key = own[0]["key"] if own else None
        return ticket.body, own[0]["text"] if own else None

    def type(self, text):
        answer = ask("PUT", self.path + "/drafts/reply", {"text": text, "replaces": self.key})
        if answer.status == 200:
            self.key = answer.body["key"]
        return answer

    def send(self, text):
        return ask("POST", self.path + "/replies", {"text": text}, self.key, self.tag)


def row(ticket):
    return next(entry for entry in ask("GET", "/v1/agents/me/tickets").body["tickets"] if entry["ticket_id"] == ticket)


def run(ticket, customer, queue):
    path = "/v1/tickets/" + ticket
    before = row(ticket)
    hold("the inbox has the last line", before["last_message"]["kind"] == "customer" and before["last_message"]["excerpt"], before)
    hold("what nobody has opened is unread", before["unread"] > 0, before)
    read = ask("PUT", path + "/read", {"message_id": before["last_message"]["message_id"]})
    hold("an opened conversation is read", read.status == 200 and read.body["unread"] == 0 and row(ticket)["unread"] == 0, read.body)

    office, home = Device(ticket), Device(ticket)
    hold("a draft is stored", office.type("我们正在核实").status == 200)
    _, text = home.look()
    hold("the other device has it", text == "我们正在核实", text)
    hold("and continues it", home.type("我们正在核实，请稍等。").status == 200)
    late = office.type("我们正在")
    hold("the first device does not overwrite it", late.status == 409 and late.kind == "draft-changed", late.body)
    hold("and is told the newer text", late.body["current"]["text"] == "我们正在核实，请稍等。", late.body)
    office.look()

    message = {"id": "again-" + ticket, "customer": customer, "text": "还在吗？"}
    written = ask("POST", "/v1/messages", message, url=INTAKE_URL, bearer="FRONTDESK_CHANNEL_KEY")
    hold("the customer writes again", written.status == 202 and written.body["ticket_id"] == ticket, written.body)
    hold("a new message is unread at once", row(ticket)["unread"] == 1, row(ticket))
    stale = office.send("我们正在核实，请稍等。")
    hold("a stale device cannot reply", stale.status == 412 and stale.kind == "ticket-changed", stale.body)
    hold("nor settle the ticket", ask("POST", path + "/resolve", match=office.tag).status == 412)
    _, text = office.look()
    hold("its text is kept", text == "我们正在核实，请稍等。", text)
    # The router's decision on the message may still change the ticket: look until nothing changes any more, as a person would.
    sent = office.send(text)
    for _ in range(20):
        if sent.status != 412:
            break
        office.look()
        sent = office.send(text)
    hold("having looked, it replies", sent.status == 201, sent.body)
    home.tag = sent.tag
    again = home.send(text)
    hold("the other device's same reply is the same one", again.status == 200 and again.body["message_id"] == sent.body["message_id"], again.body)
    replies = [message for message in ask("GET", path).body["messages"] if message["kind"] == "reply"]
    hold("the customer gets it once", [reply["text"] for reply in replies] == [text], replies)
    hold("the draft is gone with it", home.look()[1] is None)

    late = office.type("我们")
    hold("what was sent is no draft to go on with", late.status == 409 and late.body["current"] is None, late.body)
    office.look()
    hold("a draft for whoever comes next", office.type("明天再联系").status == 200)
    office.look()
    moved = ask("POST", path + "/transfer", {"queue": queue, "reason": "not ours"}, match=office.tag)
    hold("the ticket goes to another team", moved.status == 200, moved.body)
    told = office.send("明天再联系")
    hold("a device that has not looked cannot reply", told.status in (404, 412), told.body)
    kept = ask("GET", path + "/drafts").body["drafts"]
    hold("and still has the draft", [draft["text"] for draft in kept] == ["明天再联系"], kept)


def main(arguments):
    if len(arguments) != 3:
        print(__doc__, file=sys.stderr)
        return 64
    try:
        run(*arguments)
        return 0
    except Broken as error:
        print("did not hold: %s" % error, file=sys.stderr)
        return 1
    except OSError as error:
        print("the desk could not be reached: %s" % error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
