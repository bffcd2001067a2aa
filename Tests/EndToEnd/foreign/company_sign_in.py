#!/usr/bin/env python3
"""Signs in to the desk's pages by a company's identity provider, as a browser does, with a provider that others wrote.

    company_sign_in.py --frontdesk .build/debug/frontdesk --folder DESK

The provider is `oidc-provider-mock` (PyPI, on authlib), on a free port of the loopback. The operator allows it by the command line, as the
README says; everything else goes over HTTP. FRONTDESK_CONSOLE_URL is the console's address. Exits with 0 when every step ended as expected, 1
when not, 64 for a usage error.
"""

import argparse
import http.client
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.parse

from oidc_provider_mock import User, run_server_in_thread

WAIT_SECONDS = 15
SESSION, PENDING = "frontdesk_session", "frontdesk_sign_in"

USERS = [
    User(sub="agent-007", claims={"groups": ["everyone", "desk-staff"]}),
    User(sub="agent-001", claims={"groups": ["desk-leads", "desk-staff"]}),
    User(sub="chief", claims={"groups": ["desk-operators"]}),
    User(sub="guest", claims={"groups": ["guests"]}),
    User(sub="someone-else", claims={"groups": ["desk-staff"]}),
]

failures = []


def expect(what, found, wanted):
    if found != wanted:
        failures.append(f"{what}: {found!r} instead of {wanted!r}")


class Browser:
    """Keeps cookies of the desk, and follows redirects only when told."""

    def __init__(self, desk):
        self.desk = desk
        self.cookies = {}

    def send(self, method, url, body=None):
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
        headers = {"Accept-Language": "zh-CN"}
        is_desk = parts.netloc == urllib.parse.urlsplit(self.desk).netloc
        if is_desk and self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        path = parts.path + ("?" + parts.query if parts.query else "")
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        if is_desk:
            for field in answer.headers.get_all("Set-Cookie") or []:
                name, value = field.split(";")[0].split("=", 1)
                if value:
                    self.cookies[name] = value
                else:
                    self.cookies.pop(name, None)
        connection.close()
        return answer.status, answer.headers.get("Location"), text

    def get(self, path):
        return self.send("GET", self.desk + path)

    def begin(self, path="/v1/sign-in"):
        """Begins a sign-in; returns the provider's address."""
        status, location, text = self.get(path)
        expect("a sign-in begins", status, 303)
        if status != 303:
            raise SystemExit(f"no sign-in can begin: {status} {text}")
        return location

    def agree(self, address, person):
        """Signs in at the provider; returns the address of its answer."""
        status, location, text = self.send("POST", address, urllib.parse.urlencode({"sub": person}))
        if status != 302:
            raise SystemExit(f"the provider refuses: {status} {text}")
        return location

    def me(self):
        status, _, text = self.get("/v1/me")
        return json.loads(text) if status == 200 else {"status": status}


def is_page(text, failure):
    return f'data-failure="{failure}"' in text and 'lang="zh"' in text


def sign_in(desk):
    for person, role, agent, page in [
        ("agent-007", "agent", "agent-007", "/desk"), ("agent-001", "lead", "agent-001", "/desk"),
        ("chief", "operator", None, "/wallboard"),
    ]:
        browser = Browser(desk)
        status, location, text = browser.send("GET", browser.agree(browser.begin(), person))
        expect(f"{person} is signed in", (status, location), (303, page))
        expect(f"cookies of {person}", sorted(browser.cookies), [SESSION])
        me = browser.me()
        expect(f"who {person} is", (me.get("role"), me.get("agent")), (role, agent))
    browser = Browser(desk)
    answer = browser.agree(browser.begin("/v1/sign-in?to=%2Ftickets%3Fstate%3Dqueued"), "agent-001")
    expect("back to the page", browser.send("GET", answer)[1], "/tickets?state=queued")
    browser = Browser(desk)
    answer = browser.agree(browser.begin("/v1/sign-in?to=https%3A%2F%2Fevil.example"), "agent-001")
    expect("not to another site", browser.send("GET", answer)[1], "/desk")


def refusals(desk):
    for person, failure in [("guest", "no_role"), ("someone-else", "no_agent"), ("<b>x</b>", "no_role")]:
        browser = Browser(desk)
        status, _, text = browser.send("GET", browser.agree(browser.begin(), person))
        expect(f"{person} is refused", (status, is_page(text, failure), "<b>" in text), (403, True, False))
        expect(f"no session for {person}", browser.me(), {"status": 401})
    # The person declines.
    browser = Browser(desk)
    address = browser.begin()
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(address).query)["state"][0]
    status, _, text = browser.get(f"/v1/sign-in/answer?error=access_denied&state={state}")
    expect("declined", (status, is_page(text, "declined")), (403, True))
    # An answer in another browser; with another state; twice.
    browser, other = Browser(desk), Browser(desk)
    answer = browser.agree(browser.begin(), "agent-007")
    status, _, text = other.send("GET", answer)
    expect("another browser", (status, 'data-failure="not_begun"' in text), (400, True))
    other.begin()
    status, _, text = other.send("GET", answer)
    expect("another sign-in", (status, is_page(text, "foreign")), (400, True))
    status, _, text = browser.send("GET", answer.replace("state=", "state=x"))
    expect("another state", (status, is_page(text, "foreign")), (400, True))
    kept = browser.cookies[PENDING]
    expect("the genuine one", browser.send("GET", answer)[0], 303)
    browser.cookies = {PENDING: kept}
    status, _, text = browser.send("GET", answer)
    expect("a replay", (status, is_page(text, "used")), (400, True))
    # A code of the provider that was made up.
    browser = Browser(desk)
    parts = urllib.parse.urlsplit(browser.agree(browser.begin(), "agent-007"))
    query = dict(urllib.parse.parse_qsl(parts.query), code="made-up")
    status, _, text = browser.get(f"{parts.path}?{urllib.parse.urlencode(query)}")
    expect("a made-up code", (status, is_page(text, "used")), (400, True))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--frontdesk", required=True)
    parser.add_argument("--folder", required=True)
    arguments = parser.parse_args()
    desk = os.environ["FRONTDESK_CONSOLE_URL"].rstrip("/")

    def keys(*words):
        return subprocess.run(
            [arguments.frontdesk, "keys", *words, "--folder", arguments.folder], capture_output=True, text=True, check=False)

    with tempfile.TemporaryDirectory() as folder, run_server_in_thread(user_claims=USERS) as server:
        secret = pathlib.Path(folder, "secret")
        secret.write_text("kept-from-everybody\n", encoding="utf-8")
        issuer = f"http://localhost:{server.server_port}"
        allowed = keys(
            "provider-allow", "--issuer", issuer, "--client", "frontdesk", "--client-secret-file", str(secret),
            "--agent-claim", "sub", "--role-claim", "groups", "--role", "desk-operators=operator", "--role", "desk-leads=lead",
            "--role", "desk-staff=agent", "--name", "Example Corp")
        expect("the provider is allowed", allowed.returncode, 0)
        listed = keys("providers")
        expect("listed without a secret", ("Example Corp" in listed.stdout, "kept-from-everybody" in listed.stdout + listed.stderr), (True, False))
        browser = Browser(desk)
        status, _, text = browser.get("/v1/sign-in/providers")
        expect("shown to everyone", (status, [one["name"] for one in json.loads(text)["providers"]]), (200, ["Example Corp"]))
        sign_in(desk)
        refusals(desk)
        # A provider that is removed signs its people out.
        browser.send("GET", browser.agree(browser.begin(), "agent-007"))
        expect("signed in before the removal", browser.me().get("agent"), "agent-007")
        expect("the provider is removed", keys("provider-remove", "Example Corp").returncode, 0)
        ends = time.monotonic() + WAIT_SECONDS
        while "status" not in browser.me() and time.monotonic() < ends:
            time.sleep(0.2)
        expect("signed out by the removal", browser.me(), {"status": 401})
        expect("no way in any more", browser.get("/v1/sign-in")[0], 404)
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
