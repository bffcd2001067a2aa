"""The pages of leads and operators: what is typed stays, reports and filters say what they show, trouble stands first."""

import json
import urllib.parse
import uuid

from desk import request, wait_for

TITLES = {"version": 1, "queues": {"general": {"zh": "综合咨询", "en": "General enquiries"}, "payments": {"zh": "支付", "en": "Payments"}},
          "skills": {}, "categories": {}, "teams": {}, "channels": {}, "product_lines": {}, "agents": {"agent-001": {"zh": "王芳", "en": "Wang Fang"}}}

# A word that is broken lies on more than one line.
BROKEN_WORDS = """
() => [...document.querySelectorAll('#page table :is(th, td)')].flatMap((cell) => {
  const broken = [];
  const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    for (const word of texts.currentNode.data.matchAll(/[A-Za-z0-9]+/g)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, word.index);
      range.setEnd(texts.currentNode, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) broken.push(word[0]);
    }
  }
  return broken;
})
"""


def scenarios(check):
    return [
        ("a policy's text that is not applied stays", lambda: unapplied_policy(check)),
        ("what an inspector typed is asked about", lambda: unsaved_form(check)),
        ("reports are read in whole words and by titles", lambda: reports(check)),
        ("filters and lists say titles, and what is not there", lambda: named(check)),
        ("trouble stands first on the wallboard", lambda: wallboard(check)),
    ]


def answer(reader, path, change):
    """Lets a request get another answer than the desk's; `change` makes it of the desk's own."""
    def fulfil(route):
        route.fulfill(status=200, content_type="application/json", body=json.dumps(change(route.fetch().json())))
    reader.page.route(lambda url: urllib.parse.urlparse(url).path == path, fulfil)


def apply(desk, document):
    """Puts a policy into force as another operator would."""
    version = desk.get("/v1/policy")["version"]
    asked = request("POST", f"{desk.console}/v1/policy", {"document": document, "based_on": version, "changes_confirmed": True, "reason": "browser check"},
                    {"Authorization": f"Bearer {desk.operator_key}", "Idempotency-Key": str(uuid.uuid4())})
    assert asked.status in (200, 202), (asked.status, asked.body)
    wait_for("the policy is in force", lambda: desk.get("/v1/policy")["version"] == version + 1)


def write_policy(check, reader, text):
    check.open_page(reader, "policy")
    reader.see(".policy-area").focus()
    reader.press("Control+End")
    reader.type(text)
    reader.see(".policy-difference .added", text.strip())


def has(reader, text):
    return text in reader.page.input_value(".policy-area")


def open_policy_as(check, reader, label):
    check.sign_in(reader, "--role", "operator", "--label", label)
    reader.see(".figure-card")
    check.open_page(reader, "policy")


def unapplied_policy(check):
    desk = check.desk
    before = desk.get("/v1/policy")["document"]
    with check.reader("en") as reader:
        # A session of its own: it is signed out of.
        check.sign_in(reader, "--role", "operator", "--label", "policy writer")
        reader.see(".figure-card")
        write_policy(check, reader, "\n# Not applied yet.\n")
        # Another page and back, by links, and a reload.
        reader.page.click("a[href='/wallboard']")
        reader.see(".figure-card")
        reader.page.click("a[href='/policy']")
        reader.see("[role=status] .tone-warning", "not applied")
        reader.see(".policy-difference .added", "Not applied yet.")
        reader.page.reload()
        reader.see(".policy-difference .added", "Not applied yet.")
        assert has(reader, "Not applied yet."), "the text is gone"
        reader.see(".tone-good", "No mistakes.")
        # Somebody else applies another version meanwhile: the writer chooses.
        apply(desk, before + "\n# Of somebody else.\n")
        check.open_page(reader, "policy")
        reader.see("[role=status] .tone-warning", "is in force now")
        assert not has(reader, "Not applied yet.") and has(reader, "Of somebody else.")
        reader.see("button", "Take them up").focus()
        reader.press("Enter")
        assert has(reader, "Not applied yet.") and not has(reader, "Of somebody else.")
        reader.see(".policy-difference .removed", "Of somebody else.")
        # Signing out asks; the text of one person is not another's.
        sign_out = reader.see("button", "Sign out")
        sign_out.focus()
        reader.press("Enter")
        reader.see("dialog[open]", "not applied")
        reader.press("Escape")
        assert has(reader, "Not applied yet.")
        sign_out.focus()
        reader.press("Enter")
        with reader.allowing(401):
            reader.see("dialog[open] button", "Keep them and sign out").click()
            reader.see("main.sign-in pre")
        open_policy_as(check, reader, "another writer")
        reader.see(".policy-difference", "No difference.")
        reader.see("button", "Sign out").focus()
        with reader.allowing(401):
            reader.press("Enter")
            reader.see("main.sign-in pre")
        open_policy_as(check, reader, "policy writer")
        reader.see(".policy-difference .added", "Not applied yet.")
        reader.see("button", "Discard my changes").focus()
        reader.press("Enter")
        reader.see(".policy-difference", "No difference.")
        reader.page.reload()
        reader.see(".policy-difference", "No difference.")
        assert reader.page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('policy-text')).length") == 0
    apply(desk, before)


def unsaved_form(check):
    found = {"inspection_id": "1", "ticket_id": "0" * 36, "agent": "agent-001", "queue": "general", "state": "waiting", "cause": "queue", "percent": None,
             "sampled_at": "2026-01-01T00:00:00Z", "scores": [], "remark": None, "appeal": None, "inspector": None, "inspected_at": None,
             "form": [{"criterion": "clarity", "scale": 5, "weight": 1, "title": {"zh": "清楚", "en": "Clear"}}]}
    with check.reader("en") as reader:
        check.sign_in(reader, "--role", "lead", "--agent", "agent-003")
        reader.see("header.bar")
        reader.page.route("**/v1/inspections?**", lambda route: route.fulfill(status=200, content_type="application/json", body=json.dumps({"inspections": [found], "next": None})))
        reader.page.route("**/v1/inspections/1", lambda route: route.fulfill(status=200, content_type="application/json", body=json.dumps(found)))
        with reader.allowing(404):
            reader.page.goto(f"{check.desk.console}/quality")
            reader.see("button", "Score").click()
            reader.see("#page form textarea").fill("Friendly, but it took long")
        reader.see("[role=tab]", "Report").click()
        reader.see("dialog[open]", "not saved")
        reader.press("Escape")
        assert reader.page.input_value("#page form textarea") == "Friendly, but it took long"
        reader.see("[role=tab]", "Report").click()
        reader.see("dialog[open] button", "Leave without it").click()
        reader.see("#page form", "Show")


def reports(check):
    for language, title, accepts, kept in (("zh", "支付", "人工接手", "回电兑现"), ("en", "Payments", "Agent accepts", "Call-backs kept")):
        with check.reader(language, state=check.operator_state()) as reader:
            answer(reader, "/v1/policy/titles", lambda _: TITLES)
            answer(reader, "/v1/reports/queue", lambda report: {**report, "rows": [{"group": "payments", **report["total"]}]})
            for width in (1280, 390):
                reader.page.set_viewport_size({"width": width, "height": 800})
                check.open_page(reader, "reports")
                reader.see("#page td", title)
                for text in (accepts, kept):
                    reader.see("#page th", text)
                broken = reader.page.evaluate(BROKEN_WORDS)
                assert not broken, (width, broken)
                assert reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
                check.picture(reader, f"reports-{language}-{width}")


def named(check):
    for language, queue, agent, no_hooks in (("zh", "综合咨询", "王芳", "尚未配置回调"), ("en", "General enquiries", "Wang Fang", "No hook is configured")):
        with check.reader(language, state=check.operator_state()) as reader:
            answer(reader, "/v1/policy/titles", lambda _: TITLES)
            answer(reader, "/v1/hooks", lambda found: {**found, "hooks": []})
            check.open_page(reader, "callbacks")
            for name, value, title in (("queue", "general", queue), ("owner", "agent-001", agent)):
                option = reader.page.locator(f"select[name={name}] option[value='{value}']")
                option.wait_for(state="attached")
                assert option.text_content() == title, option.text_content()
            check.open_page(reader, "operations")
            reader.see("#page .empty", no_hooks)


def wallboard(check):
    def board(real):
        row = real["queues"][0]
        staff = {"free": 0, "full": 0, "away": 0, "reserve": 0, "offline": 0}
        def queue(name, waiting, wait, late=0, **agents):
            return {**row, "queue": name, "waiting": waiting, "late": late, "expected_wait_seconds": wait, "oldest_waiting_since": real["at"], "agents": {**staff, **agents}}
        return {**real, "stuck": [{"queue": "stuck", "reason": "no_agent", "waiting": 1, "began_at": real["at"]}], "hot_issues": [], "hot_issues_judged": False,
                "queues": [queue("calm", 0, None, free=9), queue("enquiries", 1, 60, late=1, full=2), queue("shipping", 6, 90, full=4), queue("payments", 91, 24_840),
                           queue("unknown", 3, None), queue("stuck", 1, None)]}

    with check.reader("en", state=check.operator_state()) as reader:
        answer(reader, "/v1/wallboard", board)
        check.open_page(reader, "wallboard")
        reader.see(".queues tbody tr")
        order = reader.page.locator(".queues tbody th").evaluate_all("(rows) => rows.map((row) => row.title)")
        assert order == ["stuck", "payments", "unknown", "enquiries", "shipping", "calm"], order
        reader.see(".hot", "too new")
