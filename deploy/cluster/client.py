"""A foreign client of the desk, over HTTP and over ZeroMQ: it knows only the documented interfaces, and keeps a ledger of its own.

Each message is sent until it is acknowledged, with the same id. Only then does it stand in the ledger, a line of JSON as
`frontdesk ledger` reads it.
"""

import http.client
import json
import pathlib
import ssl
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests" / "EndToEnd" / "foreign"))
import zmq  # noqa: E402
import send_zeromq  # noqa: E402

BATCH_MESSAGES = 5
# An answer that is later than this is not waited for; the batch is sent again.
ANSWER_SECONDS_MAX = 8
RETRY_PAUSE_SECONDS = 0.5
CUSTOMERS = 5000


class Ledger:
    """What was acknowledged, and when. Shared by all senders."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.file = open(path, "a", encoding="utf-8")
        self.identifiers = {}
        self.contradictions = []
        self.refusals = []
        self.duplicates = 0
        # The monotonic time of the latest acknowledgement, and the longest time without one since `mark()`.
        self.latest = time.monotonic()
        self.longest = 0.0

    def add(self, messages, results):
        """Notes acknowledgements; returns the messages that still need one."""
        left = []
        with self.lock:
            for message, result in zip(messages, results):
                if result["status"] not in ("accepted", "duplicate"):
                    problem = result.get("problem", result)
                    status = problem.get("status", 500)
                    if isinstance(status, int) and status < 500 and status not in (408, 425, 429):
                        self.refusals.append(f"{message['id']}: {problem.get('type')}")
                    left.append(message)
                    continue
                self.duplicates += result["status"] == "duplicate"
                known = self.identifiers.setdefault(message["id"], result["message_id"])
                if known != result["message_id"]:
                    self.contradictions.append(f"{message['id']} was acknowledged as {known} and as {result['message_id']}")
                self.file.write(json.dumps({
                    "channel": "web", "external_id": message["id"], "message_id": result["message_id"],
                    "ticket_id": result["ticket_id"]}) + "\n")
            self.file.flush()
            if len(left) < len(messages):
                now = time.monotonic()
                self.longest = max(self.longest, now - self.latest)
                self.latest = now
        return left

    def mark(self):
        """Begins to measure the longest time without an acknowledgement."""
        with self.lock:
            self.longest = 0.0
            self.latest = time.monotonic()

    def longest_pause(self):
        with self.lock:
            return max(self.longest, time.monotonic() - self.latest)

    def count(self):
        with self.lock:
            return len(self.identifiers)


class OverHTTP:
    """One connection that is kept, to the one address of both intakes; TLS is verified against the authority of the hosts."""

    def __init__(self, settings, authority):
        host = settings["FRONTDESK_URL"].removeprefix("https://")
        self.host, self.port = host.rsplit(":", 1)
        self.key = settings["FRONTDESK_KEY"]
        self.context = ssl.create_default_context(cafile=authority)
        self.connection = None

    def ask(self, messages):
        """Returns the results in the messages' order, or None."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPSConnection(
                    self.host, int(self.port), timeout=ANSWER_SECONDS_MAX, context=self.context)
            body = "\n".join(json.dumps(message) for message in messages)
            self.connection.request("POST", "/v1/messages", body.encode("utf-8"), {
                "Authorization": f"Bearer {self.key}", "Content-Type": "application/x-ndjson"})
            answer = self.connection.getresponse()
            content = json.loads(answer.read())
            # A single message is answered with its result alone, or with a problem.
            results = content.get("results", [content] if "status" in content and len(messages) == 1 else None)
            return results if results and len(results) == len(messages) else None
        except (OSError, http.client.HTTPException, ValueError):
            self.close()
            return None

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class OverZeroMQ:
    """One DEALER, through the same address; the CURVE key that both intakes share authenticates whichever it reaches."""

    def __init__(self, settings):
        self.settings = settings
        self.context = zmq.Context.instance()
        self.channel = None

    def ask(self, messages):
        try:
            if self.channel is None:
                self.channel = send_zeromq.Channel(
                    self.context, self.settings["FRONTDESK_CHANNEL_ENDPOINT"], self.settings["FRONTDESK_SERVER_KEY"],
                    self.settings["FRONTDESK_PUBLIC_KEY"], self.settings["FRONTDESK_SECRET_KEY"], ANSWER_SECONDS_MAX * 1000)
            results = self.channel.ask(messages)
        except (send_zeromq.Refused, zmq.ZMQError):
            results = None
        if results is None:
            self.close()
        return results

    def close(self):
        if self.channel is not None:
            self.channel.socket.close()
            self.channel = None


class Sender(threading.Thread):
    """Sends batches at a pace, each until it is acknowledged."""

    def __init__(self, name, way, ledger, prefix, pace_seconds, batches):
        super().__init__(name=name, daemon=True)
        self.way, self.ledger, self.prefix, self.pace_seconds, self.batches = way, ledger, prefix, pace_seconds, batches
        self.ending = threading.Event()
        # When the latest batch was begun that is acknowledged now.
        self.served_since = 0.0
        self.number = 0

    def run(self):
        due = time.monotonic()
        while not self.ending.is_set() and (self.batches is None or self.number < self.batches):
            self.send(self.number)
            self.number += 1
            # After a pause it goes on at its pace; it does not make up for what was not sent.
            due = max(due + self.pace_seconds, time.monotonic())
            self.ending.wait(due - time.monotonic())
        self.way.close()

    def send(self, number):
        left = []
        for place in range(BATCH_MESSAGES):
            identifier = number * BATCH_MESSAGES + place
            left.append({
                "id": f"{self.prefix}{identifier}", "customer": f"{self.prefix}c{identifier % CUSTOMERS}",
                "text": f"where is my parcel {identifier}"})
        # An ended trial still waits for the answer: what was sent must not stay unknown.
        while left:
            begun = time.monotonic()
            results = self.way.ask(left)
            if results is not None:
                left = self.ledger.add(left, results)
            if left:
                time.sleep(RETRY_PAUSE_SECONDS)
            else:
                self.served_since = begun


class Clients:
    """Four senders over HTTP and two over ZeroMQ."""

    def __init__(self, settings, authority, path, rate, messages):
        self.ledger = Ledger(path)
        ways = [(f"http-{number}", OverHTTP(settings, authority)) for number in range(4)]
        ways += [(f"zeromq-{number}", OverZeroMQ(settings)) for number in range(2)]
        pace = len(ways) * BATCH_MESSAGES / rate
        batches = None if messages is None else -(-messages // (len(ways) * BATCH_MESSAGES))
        self.senders = [Sender(name, way, self.ledger, f"{name}-", pace, batches) for name, way in ways]
        for sender in self.senders:
            sender.start()

    def not_served_since(self, moment):
        """The senders that have had no batch acknowledged which was begun after this monotonic time."""
        return [sender.name for sender in self.senders if sender.is_alive() and sender.served_since < moment]

    def wait(self, seconds):
        """Waits for the end of a given number of messages."""
        deadline = time.monotonic() + seconds
        for sender in self.senders:
            sender.join(max(0.1, deadline - time.monotonic()))
        return [sender.name for sender in self.senders if sender.is_alive()]

    def end(self, seconds):
        for sender in self.senders:
            sender.ending.set()
        return self.wait(seconds)
