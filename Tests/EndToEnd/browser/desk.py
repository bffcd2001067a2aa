"""The desk under test, as its operator and its channel see it: by command line and HTTP, never through the pages."""

import contextlib
import json
import os
import pathlib
import re
import secrets
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

# The longest wait for anything. Waits end as soon as what they wait for is there.
WAIT_SECONDS = 60
PAUSE_SECONDS = 0.05
MESSAGES_PER_REQUEST = 500


class Pause:
    """How a wait passes its time, in seconds. Playwright delivers requests, answers and dialogs only within its own calls, so a wait
    that only sleeps would never see what an open browser does meanwhile."""

    passes = staticmethod(time.sleep)


def wait_for(what, condition, seconds=WAIT_SECONDS):
    """Returns the first true value of a condition."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s still not: {what}")
        Pause.passes(PAUSE_SECONDS)


def children(process):
    """The processes that a process has started and that run."""
    found = []
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name, in parentheses, may contain anything; state and parent follow it.
            if int(status.read_text().rpartition(")")[2].split()[1]) == process:
                found.append(int(status.parent.name))
    return found


class Answer:
    """A status, and the JSON or the text of the body."""

    def __init__(self, status, body):
        self.status = status
        try:
            self.body = json.loads(body)
        except ValueError:
            self.body = body.decode(errors="replace")


def request(method, url, body=None, headers=None):
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    headers = dict(headers or {})
    if data is not None:
        headers.setdefault("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=20) as answer:
            return Answer(answer.status, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read())


class Desk:
    def __init__(self, frontdesk, folder):
        self.frontdesk = frontdesk
        self.folder = pathlib.Path(folder)
        self.intake = os.environ["FRONTDESK_URL"]
        self.console = os.environ["FRONTDESK_CONSOLE_URL"]
        self.channel_key = os.environ["FRONTDESK_KEY"]
        self.operator_key = (self.folder / "keys" / "operator").read_text().strip()
        self.run = secrets.token_hex(4)
        self.sent = 0

    def invite(self, *who):
        """A sign-in link."""
        command = [self.frontdesk, "keys", "invite", "--folder", str(self.folder), *who]
        link = subprocess.run(command, check=True, capture_output=True, text=True, timeout=WAIT_SECONDS).stdout.strip()
        assert link.startswith(f"{self.console}/sign-in#"), link
        return link

    def key(self, role):
        """A new key of a role."""
        command = [self.frontdesk, "keys", "create", "--folder", str(self.folder), "--role", role, "--label", "browser check"]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=WAIT_SECONDS).stdout.strip()

    def try_to_send(self, customer, text, **more):
        self.sent += 1
        message = {"id": f"browser-{self.run}-{self.sent}", "customer": customer, "text": text, **more}
        return request("POST", f"{self.intake}/v1/messages", message, {"Authorization": f"Bearer {self.channel_key}"})

    def send(self, customer, text, **more):
        """A message of a customer, from the channel's system. Returns the ticket's identifier."""
        answer = self.try_to_send(customer, text, **more)
        assert answer.status == 202, (answer.status, answer.body)
        return answer.body["ticket_id"]

    def send_all(self, customer, texts):
        """Messages of a customer, in this order."""
        for first in range(0, len(texts), MESSAGES_PER_REQUEST):
            messages = []
            for text in texts[first:first + MESSAGES_PER_REQUEST]:
                self.sent += 1
                messages.append({"id": f"browser-{self.run}-{self.sent}", "customer": customer, "text": text})
            answer = request("POST", f"{self.intake}/v1/messages", messages, {"Authorization": f"Bearer {self.channel_key}"})
            assert answer.status == 202, (answer.status, answer.body)

    def newest_text(self, ticket):
        return self.ticket(ticket)["messages"][-1]["text"]

    def get(self, path):
        answer = request("GET", self.console + path, headers={"Authorization": f"Bearer {self.operator_key}"})
        assert answer.status == 200, (path, answer.status, answer.body)
        return answer.body

    def ticket(self, ticket):
        return self.get(f"/v1/tickets/{ticket}")

    def texts(self, ticket, kind):
        """The texts of a ticket's messages of a kind: customer, reply or note."""
        return [message["text"] for message in self.ticket(ticket)["messages"] if message["kind"] == kind]

    def replies(self, ticket=None):
        """The texts that the channel's system fetches, all or those of one ticket."""
        texts, after = [], None
        while True:
            query = f"?after={urllib.parse.quote(after)}" if after else ""
            answer = request("GET", f"{self.intake}/v1/replies{query}", headers={"Authorization": f"Bearer {self.channel_key}"})
            assert answer.status == 200, (answer.status, answer.body)
            page = answer.body["replies"]
            if not page:
                return texts
            texts += [reply["text"] for reply in page if ticket in (None, reply["ticket_id"])]
            after = answer.body["next"]

    def presence(self, agent):
        return next(row["presence"] for row in self.get("/v1/agents")["agents"] if row["agent"] == agent)

    def database(self):
        """How the database's owner connects."""
        return json.loads((self.folder / "desk.json").read_text())["postgres"]

    def console_process(self):
        """The process identifier of the console that the supervisor runs now; None while it runs none."""
        processes = json.loads((self.folder / "desk.json").read_text())["processes"]
        return next((process["process_id"] for process in processes if process["name"].startswith("console")), None)

    def console_gauge(self, name):
        """A figure of the console's metrics."""
        processes = json.loads((self.folder / "desk.json").read_text())["processes"]
        address = next(process["operations_url"] for process in processes if process["name"].startswith("console"))
        with urllib.request.urlopen(f"{address}/metrics", timeout=20) as answer:
            text = answer.read().decode()
        return float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE)[1])

    def database_server(self):
        """The first process of PostgreSQL, which starts the others."""
        data = pathlib.Path(json.loads((self.folder / "desk.json").read_text())["postgres_data"])
        return int((data / "postmaster.pid").read_text().splitlines()[0])

    @contextlib.contextmanager
    def database_stopped(self):
        """PostgreSQL answers nothing within the block: all of its processes are stopped, and go on afterwards."""
        server = self.database_server()
        # The server starts the others, so it is stopped before they are listed.
        stopped = [server]
        try:
            os.kill(server, signal.SIGSTOP)
            for process in children(server):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGSTOP)
                    stopped.append(process)
            yield
        finally:
            for process in reversed(stopped):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)
