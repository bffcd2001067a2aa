#!/usr/bin/env python3
"""Follows a customer's ticket by the desk's deliveries alone, in Chinese and in English, using only Frontdesk's documentation.

    follow_progress.py --frontdesk .build/debug/frontdesk --folder DESK

Receives the replies of the channel `web` as a web hook (Standard Webhooks: the signature is checked, a repeated delivery is dropped by its id),
puts a policy with progress notices into force, sends one message in each language and waits for the notice of each. FRONTDESK_URL and
FRONTDESK_KEY are the intake's address and the key of the channel. Exits with 0 when each customer got one notice in their language, 1 when
not, 64 for a usage error.
"""

import argparse
import base64
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import queue
import secrets
import subprocess
import sys
import tempfile
import threading
import urllib.request

WAIT_SECONDS = 60

POLICY = """
version: 1
teams: { desk: {} }
agents: [{ id: agent-001, teams: [desk] }]
queues: { general: { teams: [desk], title: { zh: 综合, en: General } } }
rules: [{ name: all, when: { channel: web }, queue: general }]
default_queue: general
triage: { queue: general, below: 0.0 }
channels: { web: { reply_hook: customers } }
hooks:
  customers:
    url: "http://127.0.0.1:%(port)d/"
    secrets: ["%(secret)s"]
    kinds: [message.replied]
    allow_private_address: true
progress:
  channels: [web]
  default_language: en
  received: { zh: "“{queue}”已收到。", en: "{queue} has received it." }
"""

MESSAGES = {
    "zh": ("我的快递到哪里了？一周没有更新。", "“综合”已收到。"),
    "en": ("Where is my parcel? It has not arrived.", "General has received it."),
}


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes deliveries, each once."""

    key = secrets.token_bytes(32)
    seen: set[str] = set()
    delivered: queue.Queue = queue.Queue()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        identifier = self.headers["webhook-id"]
        signed = b".".join([identifier.encode(), self.headers["webhook-timestamp"].encode(), body])
        wanted = "v1," + base64.b64encode(hmac.new(self.key, signed, hashlib.sha256).digest()).decode()
        if not any(hmac.compare_digest(wanted, given) for given in self.headers["webhook-signature"].split()):
            self.send_response(401)
            self.end_headers()
            return
        if identifier not in self.seen:
            self.seen.add(identifier)
            self.delivered.put(json.loads(body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def send(customer, text):
    body = json.dumps({"id": f"{customer}-{secrets.token_hex(4)}", "customer": customer, "text": text}).encode()
    request = urllib.request.Request(
        os.environ["FRONTDESK_URL"] + "/v1/messages", body,
        {"Authorization": "Bearer " + os.environ["FRONTDESK_KEY"], "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["ticket_id"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--frontdesk", required=True)
    parser.add_argument("--folder", required=True)
    arguments = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    secret = "whsec_" + base64.b64encode(Receiver.key).decode()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "progress.yaml")
        path.write_text(POLICY % {"port": server.server_port, "secret": secret}, encoding="utf-8")
        subprocess.run([arguments.frontdesk, "apply", "--yes", "--folder", arguments.folder, str(path)], check=True)
    # Services take over a new policy within a second; a message that is routed before has no notice, and the next has.
    due = {}
    found = {}
    attempts = WAIT_SECONDS // 5
    for attempt in range(attempts):
        for language, (text, wanted) in MESSAGES.items():
            if language not in found:
                due[send(f"progress-{language}-{attempt}", text)] = (language, wanted)
        try:
            while len(found) < len(MESSAGES):
                notice = Receiver.delivered.get(timeout=5)["data"]
                language, wanted = due.get(notice["ticket"], (None, None))
                if language is None or notice.get("progress") is None:
                    continue
                print(json.dumps(notice, ensure_ascii=False))
                if notice["progress"] != "received" or notice["occurrence"] != 1 or notice["text"] != wanted:
                    return 1
                found[language] = notice["ticket"]
        except queue.Empty:
            continue
        break
    if len(found) < len(MESSAGES):
        print(f"no notice for {sorted(set(MESSAGES) - set(found))}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
