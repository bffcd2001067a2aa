"""An operator's shift on the pages, by keyboard: scales, is refused a bad policy, applies a good one, goes back, replays dead letters."""

import subprocess

from desk import wait_for

# What can make a message undecidable is not for a browser to do.
DEAD_LETTER = """
  WITH gone AS (DELETE FROM desk.inbox WHERE ticket_id = '%s' RETURNING *)
  INSERT INTO desk.dead_letter (id, kind, ticket_id, reason, body)
  SELECT message_id, 'message', ticket_id, 'cannot be read', to_jsonb(gone) FROM gone
"""


def operators_shift(check):
    desk = check.desk
    with check.reader("en", state=check.operator_state()) as reader:
        check.open_page(reader, "operations")
        scale(reader, desk, "classifier", 0)
        ticket = desk.send("Dora", "What nobody can read")
        wait_for("the message is stored", lambda: desk.get("/v1/overview")["undecided"]["waiting"] > 0)
        subprocess.run(["psql", "--no-psqlrc", "--quiet", "--command", DEAD_LETTER % ticket, desk.database()], check=True, capture_output=True, timeout=60)
        replay(reader, desk, ticket)
        scale(reader, desk, "classifier", 1)
        follow_load(reader, desk, "classifier")
        wait_for("the replayed message is routed", lambda: desk.ticket(ticket).get("queue") == "general")
        edit(check, reader, desk)


def scale(reader, desk, service, count):
    button = reader.see("button", f"Scale {service}")
    button.focus()
    reader.press("Enter")
    reader.see("dialog[open] input[name=count]")
    reader.press("Control+a")
    reader.type(str(count))
    reader.see("dialog[open] input[name=reason]").focus()
    reader.type("for the browser check")
    reader.press("Enter")
    reader.see(".notice", f"Run {count} {service}")
    wait_for(f"{count} {service}", lambda: sum(worker["service"] == service for worker in desk.get("/v1/workers")["workers"]) == count)
    reader.see("#page td", f"Run {count} {service}")


def follow_load(reader, desk, service):
    button = reader.see("button", f"Scale {service}")
    button.focus()
    reader.press("Enter")
    reader.see("dialog[open] input[name=automatic]").focus()
    reader.press("Space")
    reader.see("dialog[open] input[name=reason]").focus()
    reader.type("for the browser check")
    reader.press("Enter")
    reader.see(".notice", f"Let the number of {service} follow the load")
    assert next(row for row in desk.get("/v1/workers")["capacity"] if row["service"] == service)["mode"] == "auto"
    reader.see("#page td", "follows the load")


def replay(reader, desk, ticket):
    reader.page.reload()
    reader.see("#page td", "cannot be read")
    kind = reader.see("select[name=kind]")
    kind.focus()
    reader.press("m")
    reader.see("#page td", f"#{ticket[-6:]}")
    assert "kind=message" in reader.page.url, "a link shows the same"
    reader.see("button", "Replay these").focus()
    reader.press("Enter")
    reader.see("dialog[open] input[name=reason]")
    reader.press("Tab" if reader.page.evaluate("document.activeElement.name") != "reason" else "Shift")
    reader.see("dialog[open] input[name=reason]").focus()
    reader.type("the parser is mended")
    reader.press("Enter")
    reader.see(".notice", "1 dead letter was replayed")
    assert desk.get("/v1/dead-letters")["set"]["count"] == 0


def edit(check, reader, desk):
    check.open_page(reader, "policy")
    reader.see(".tone-good", "No mistakes.")
    before = desk.get("/v1/policy")
    area = reader.see(".policy-area")
    area.focus()
    # A queue that is not there: told at its line while it is typed, and not to be applied.
    reader.press("Control+End")
    reader.type("\nnowhere: true")
    reader.see(".tone-danger", "mistake")
    reader.see(".line-numbers .wrong")
    assert reader.see("button", "Apply").is_disabled()
    reader.see(".policy-difference .added", "nowhere")
    reader.see(".mistakes button").focus()
    reader.press("Enter")
    assert reader.page.evaluate("document.activeElement.name") == "policy"
    reader.see("button", "Discard my changes").focus()
    reader.press("Enter")
    reader.see(".policy-difference", "No difference.")
    # A good one.
    area.focus()
    reader.press("Control+End")
    reader.type("\n# The browser was here.\n")
    reader.see(".tone-good", "No mistakes.")
    reader.until("!document.querySelector('button.primary').disabled")
    check.picture(reader, "policy-en-light")
    reader.see("button", "Apply").focus()
    reader.press("Enter")
    reader.see("dialog[open] input[name=reason]").focus()
    reader.type("a comment")
    reader.press("Enter")
    reader.see(".notice", f"Version {before['version'] + 1} is in force.")
    assert "The browser was here." in desk.get("/v1/policy")["document"]
    # And back.
    reader.see("tr:nth-child(2) button", "Go back to it").focus()
    reader.press("Enter")
    reader.see("dialog[open] input[name=reason]").focus()
    reader.type("no comment")
    reader.press("Enter")
    reader.see(".notice", f"Version {before['version'] + 2} is in force.")
    assert desk.get("/v1/policy")["document"] == before["document"]
