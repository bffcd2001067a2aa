#!/usr/bin/env python3
"""Measures the pages: how soon they show something, what they weigh, what an event and a long conversation cost, and what streams cost the desk.

    measure.py --frontdesk .build/debug/frontdesk --folder DESK [--chromium PATH] [--only TEXT]

DESK runs with measure.yaml. Prints a table; fails only if something does not work, because times depend on the machine."""

import concurrent.futures
import statistics
import sys

import check
import streams
import trials

PAINTS = 7
EVENTS = 40
FIRST_PAINT_AIM_MS = 300
SHELL_AIM_BYTES = 150_000


class Measure:
    def __init__(self, checks):
        self.check = checks
        self.desk = checks.desk
        self.trials = trials.Trials(checks)

    def run(self):
        for name, measurement in (("first paint", self.first_paint), ("inbox", self.inbox), ("conversation", self.conversation), ("streams", self.streams)):
            if self.check.only not in name:
                continue
            for figure, value, aim in measurement():
                print(f"{figure:<72} {value:>24}   {aim}", flush=True)
        return 0

    def first_paint(self):
        """In profiles that have nothing in their cache."""
        with self.check.reader("en") as reader:
            self.check.sign_in(reader, "--agent", "agent-200")
            reader.see(".presence[data-presence]")
            state = reader.state()
        paints, sizes = [], []
        for _ in range(PAINTS):
            # Profiles come faster than the console notices that the one before has gone.
            with self.check.reader("en", state=state) as reader, reader.allowing(503):
                reader.page.goto(f"{self.desk.console}/desk")
                reader.see(".presence[data-presence]")
                reader.until("performance.getEntriesByName('first-contentful-paint').length > 0")
                paints.append(reader.page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
                sizes.append(reader.page.evaluate("""performance.getEntriesByType('navigation')[0].encodedBodySize
                    + performance.getEntriesByType('resource').filter((entry) => entry.name.includes('/assets/')).reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""))
        yield "first paint of the desk, cold cache, loopback (median)", f"{statistics.median(paints):.0f} ms", f"< {FIRST_PAINT_AIM_MS} ms"
        yield "shell with its modules, style and icons", f"{max(sizes)} bytes", f"< {SHELL_AIM_BYTES} bytes"

    def inbox(self):
        agent = "agent-200"
        with self.check.reader("en") as reader, reader.allowing(503):
            self.check.sign_in_agent(reader, agent)
            with self.trials.long_inbox_page(reader, agent) as (change, _):
                reader.until("() => [...document.querySelectorAll('.inbox-line')].every((line) => line.textContent !== '')")
                session = reader.context.new_cdp_session(reader.page)
                session.send("Performance.enable")
                before = self.seconds(session)
                for number in range(EVENTS):
                    change((number * 37) % trials.TICKETS)
                after = self.seconds(session)
                for name in before:
                    yield f"an event with {trials.TICKETS} tickets in the inbox: {name}", f"{(after[name] - before[name]) / EVENTS * 1000:.1f} ms", ""

    @staticmethod
    def seconds(session):
        figures = {figure["name"]: figure["value"] for figure in session.send("Performance.getMetrics")["metrics"]}
        return {"script": figures["ScriptDuration"], "layout and style": figures["LayoutDuration"] + figures["RecalcStyleDuration"]}

    def conversation(self):
        agent = "agent-200"
        with self.check.reader("en") as reader:
            self.check.sign_in_agent(reader, agent)
            ticket, _ = self.trials.open_long_conversation(reader)
            frames = reader.page.evaluate(FRAMES_WHILE_SCROLLING)
            late = [frame for frame in frames["gaps"] if frame > 25]
            yield f"frames lost while {trials.MESSAGES} messages scroll by", f"{len(late)} of {len(frames['gaps'])}", ""
            yield "the longest frame and the longest task", f"{max(frames['gaps']):.0f} ms, {max(frames['tasks'], default=0):.0f} ms", ""
            self.trials.leave(reader, agent, ticket)

    def streams(self):
        # A thread of its own: playwright has a loop in this one.
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            figures = thread.submit(streams.Streams(self.desk).measure).result()
        for name, value in figures.items():
            yield name, ", ".join(map(str, value)) if isinstance(value, tuple) else str(value), ""


# Scrolls from the end to the beginning in two seconds, and returns the times between frames and the tasks over 50 ms.
FRAMES_WHILE_SCROLLING = """
async () => {
  const scroller = document.querySelector('.scroller');
  const tasks = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
  scroller.scrollTop = scroller.scrollHeight;
  await new Promise((resume) => requestAnimationFrame(() => requestAnimationFrame(resume)));
  const step = scroller.scrollHeight / 120;
  const gaps = [];
  let last = performance.now();
  while (scroller.scrollTop > 0) {
    scroller.scrollTop -= step;
    await new Promise((resume) => requestAnimationFrame(resume));
    gaps.push(performance.now() - last);
    last = performance.now();
  }
  return { gaps, tasks };
}
"""

if __name__ == "__main__":
    sys.exit(check.main(lambda checks: Measure(checks).run()))
