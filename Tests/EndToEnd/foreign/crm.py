#!/usr/bin/env python3
"""A company's CRM for tests, written from Frontdesk's documentation alone: checks the signature of each request and answers by customer.

    crm.py --secret whsec_… --port-file FILE

Serves GET /customers/CHANNEL/CUSTOMER on a free loopback port, which it writes to FILE. Customers: `slow`, `broken`, `html`, `huge`, `redirect`
and `nobody` get what their names say; all others get a record with more than agents shall see.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

AGE_SECONDS_MAX = 300


class CRM(BaseHTTPRequestHandler):
    key = b""
    never = threading.Event()

    def is_signed(self):
        """Standard Webhooks, with path and query in place of the body."""
        identifier = self.headers.get("webhook-id", "")
        timestamp = self.headers.get("webhook-timestamp", "0")
        if abs(time.time() - int(timestamp)) > AGE_SECONDS_MAX:
            return False
        signed = f"{identifier}.{timestamp}.{self.path}".encode()
        wanted = "v1," + base64.b64encode(hmac.new(self.key, signed, hashlib.sha256).digest()).decode()
        given = self.headers.get("webhook-signature", "").split(" ")
        return any(hmac.compare_digest(wanted, one) for one in given)

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if not self.is_signed():
            return self.answer(401)
        channel, customer = [urllib.parse.unquote(part) for part in self.path.split("?")[0].split("/")[2:4]]
        if customer == "slow":
            # Longer than any client waits; the process ends with the test.
            self.never.wait(60)
            return self.answer(200, b"{}")
        if customer.startswith("broken"):
            return self.answer(500, b'{"name": "Mallory"}')
        if customer == "html":
            return self.answer(200, b"<html><script>alert(1)</script></html>")
        if customer == "huge":
            return self.answer(200, json.dumps({"name": "x" * 100_000}).encode())
        if customer == "redirect":
            return self.answer(302, headers=[("Location", "http://169.254.169.254/latest/meta-data/")])
        if customer == "nobody":
            return self.answer(404)
        record = {
            "name": "Ann \u0000 张", "contract": "gold", "since": 2019, "late": False, "credit_card": "4111111111111111",
            "orders": [{"id": 1}], "channel": channel,
        }
        return self.answer(200, json.dumps(record).encode(), [("Content-Type", "application/json")])

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--secret", required=True)
    parser.add_argument("--port-file", required=True)
    arguments = parser.parse_args()
    CRM.key = base64.b64decode(arguments.secret.removeprefix("whsec_"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), CRM)
    server.daemon_threads = True
    unfinished = arguments.port_file + ".new"
    with open(unfinished, "w", encoding="ascii") as file:
        file.write(str(server.server_port))
    os.replace(unfinished, arguments.port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
