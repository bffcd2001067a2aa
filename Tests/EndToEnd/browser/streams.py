"""What the streams of 200 agents and 20 overseers cost the console and PostgreSQL while 100 messages a second flow.

The same messages flow twice, with the streams and without: the difference of processor time is the streams' share. Half of the messages go to
tickets that agents have, and so become events. All agents are busy, so that no offers are made: what is measured is being connected."""

import asyncio
import json
import os
import pathlib
import secrets
import time
import urllib.parse

from desk import children

AGENTS = 200
OVERSEERS = 20
# Open streams of one key.
STREAMS_PER_KEY = 4
# Messages a second, and how many requests carry them.
RATE = 100
REQUESTS = 10
SECONDS = 20
# Tickets of an agent; the policy's capacity.
HELD = 5
READY_SECONDS = 600
# How often a wallboard fetches its figures at most.
FETCH_SECONDS = 3
TICKS = os.sysconf("SC_CLK_TCK")


def times(process):
    """The processor time of a process and of the children that it has waited for, in seconds."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / TICKS


class Streams:
    def __init__(self, desk):
        self.desk = desk
        self.host = urllib.parse.urlparse(desk.console).netloc
        self.intake = urllib.parse.urlparse(desk.intake).netloc
        self.keys = {f"agent-{number:03}": (desk.folder / "keys" / f"agent.agent-{number:03}").read_text().strip() for number in range(1, AGENTS + 1)}
        self.overseers = [desk.key("auditor") for _ in range(0, OVERSEERS, STREAMS_PER_KEY)]
        self.held = {}
        self.events = 0
        self.sent = 0
        self.run = secrets.token_hex(4)

    def measure(self):
        return asyncio.run(self.all())

    async def all(self):
        readers = [asyncio.create_task(self.agent(name)) for name in self.keys]
        await self.fill()
        readers += [asyncio.create_task(self.overseer(self.overseers[number // STREAMS_PER_KEY])) for number in range(OVERSEERS)]
        await asyncio.sleep(2)
        self.events = 0
        with_streams = await self.flow()
        events = self.events
        for reader in readers:
            # One that ended had an error.
            assert not reader.done(), reader.exception() if not reader.cancelled() else 'cancelled'
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        await asyncio.sleep(2)
        without = await self.flow()
        return {
            "agents' streams": AGENTS, "overseers": OVERSEERS, "messages per second": round(self.sent / (2 * SECONDS)),
            "events per second": round(events / SECONDS),
            **{f"{name}, % of a core: with, without, streams": (round(value, 1), round(without[name], 1), round(value - without[name], 1))
               for name, value in with_streams.items()},
        }

    # --- Clients -----------------------------------------------------------------------------------------------------

    async def call(self, host, method, path, key, body=None):
        reader, writer = await asyncio.open_connection(*host.split(":"))
        data = b"" if body is None else json.dumps(body).encode()
        writer.write((f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n"
                      f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n").encode() + data)
        answer = await reader.read()
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), body

    async def events_of(self, path, key):
        reader, writer = await asyncio.open_connection(*self.host.split(":"), limit=1 << 20)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Bearer {key}\r\nAccept: text/event-stream\r\n\r\n".encode())
            while line := await reader.readline():
                yield line
        finally:
            writer.close()

    async def agent(self, name):
        key, accepting = self.keys[name], []
        status, _ = await self.call(self.host, "PUT", "/v1/agents/me/presence", key, {"presence": "available"})
        assert status == 200, (name, status)
        async for line in self.events_of("/v1/agents/me/stream", key):
            if line.startswith(b"event: "):
                self.events += 1
            if line.startswith(b'data: {"offer_id"') and b'"expires_at"' in line:
                offer = json.loads(line[6:])
                accepting.append(asyncio.create_task(self.accept(name, key, offer)))

    async def accept(self, name, key, offer):
        status, _ = await self.call(self.host, "POST", f"/v1/offers/{offer['offer_id']}/accept", key)
        if status == 200:
            self.held[offer["ticket"]["ticket_id"]] = offer["ticket"]["customer"]

    async def overseer(self, key):
        """A wallboard, which fetches its figures when its stream says so, and no more often than pages do."""
        fetched = 0.0
        async for line in self.events_of("/v1/wallboard/stream", key):
            if line.startswith(b"event: ") and time.monotonic() - fetched > FETCH_SECONDS:
                fetched = time.monotonic()
                status, _ = await self.call(self.host, "GET", "/v1/wallboard", key)
                assert status == 200, status

    # --- Messages ----------------------------------------------------------------------------------------------------

    async def send(self, customers):
        messages = []
        for customer in customers:
            self.sent += 1
            messages.append({"id": f"streams-{self.run}-{self.sent}", "customer": customer, "text": "Where is my parcel?"})
        status, body = await self.call(self.intake, "POST", "/v1/messages", self.desk.channel_key, messages)
        assert status == 202, (status, body)

    async def fill(self):
        """Gives each agent as many tickets as they can have."""
        end = time.monotonic() + READY_SECONDS
        wanted = AGENTS * HELD
        for first in range(0, wanted, 100):
            await self.send([f"held-{number}" for number in range(first, first + 100)])
        while len(self.held) < wanted:
            assert time.monotonic() < end, f"{len(self.held)} of {wanted} tickets were accepted"
            await asyncio.sleep(0.5)

    async def flow(self):
        """The processor time of each part while messages flow, in percent of a core."""
        console, server = self.desk.console_process(), self.desk.database_server()

        def now():
            return {"console": times(console), "PostgreSQL": sum(times(process) for process in (server, *children(server)))}

        held, per_request = list(self.held.values()), RATE // REQUESTS
        before, start = now(), time.monotonic()
        for beat in range(SECONDS * REQUESTS):
            customers = [held[(beat * per_request + place) % len(held)] if place % 2 else f"new-{self.sent}-{place}" for place in range(per_request)]
            await self.send(customers)
            await asyncio.sleep(max(0.0, start + (beat + 1) / REQUESTS - time.monotonic()))
        took, after = time.monotonic() - start, now()
        return {name: (after[name] - value) / took * 100 for name, value in before.items()}
