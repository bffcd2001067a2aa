#!/usr/bin/env python3
"""Traffic on the hosts of deploy/hosts, faults in the middle of it, and the proof that nothing was lost or done twice.

After each fault it waits until all is well again: every client is served, everything accepted up to the fault's end is decided, the
cluster has a primary, a synchronous standby and another one, and every service is ready. That time, from the fault's end, is the recovery
time. The pause is the longest time in which no client got an acknowledgement, from the fault's beginning on.
"""

import argparse
import collections
import json
import os
import statistics
import subprocess
import sys
import time

import client
import faults
import machine

SERVED_SECONDS_MAX = 120
END_SECONDS_MAX = 180
# Decided twice: two entries of the timeline for one message.
DECIDED_TWICE = """
    SELECT count(*) FROM (
      SELECT ticket_id, detail->>'message' FROM desk.ticket_event WHERE kind = 'routed' GROUP BY 1, 2 HAVING count(*) > 1) twice"""


class Trial:
    def __init__(self, arguments):
        self.arguments = arguments
        self.work = arguments.work
        self.machine = machine.Machine(arguments.work, arguments.units)
        self.begun = time.monotonic()
        self.acknowledged = os.path.join(arguments.work, "acknowledged.ndjson")
        self.clients = client.Clients(
            machine.environment(os.path.join(arguments.work, "channel.env")), os.path.join(arguments.work, "keys", "ca.pem"),
            self.acknowledged, arguments.rate, None if arguments.faults else arguments.messages)
        self.faults = faults.Faults(self.machine, arguments.seed, self.served, self.whole, self.clients.ledger.count)
        self.outcomes = []
        self.findings = []

    def say(self, text):
        print(f"{time.monotonic() - self.begun:7.1f} s  {text}", flush=True)

    # --- Waiting

    def served(self):
        moment = time.monotonic()
        self.machine.wait_for(SERVED_SECONDS_MAX, "an answer to each client", lambda: not self.clients.not_served_since(moment))

    def whole(self):
        """Returns the seconds until all was well."""
        moment, decided_up_to, obstacle = time.monotonic(), None, "the database does not answer"
        while time.monotonic() - moment < faults.WHOLE_SECONDS_MAX:
            decided_up_to = decided_up_to or self.machine.database_time()
            if decided_up_to:
                waiting = self.clients.not_served_since(moment)
                obstacle = f"{waiting[0]} is not served" if waiting else (
                    self.machine.cluster_obstacle() or self.machine.service_obstacle()
                    or self.machine.undecided_obstacle(decided_up_to))
                if obstacle is None:
                    return time.monotonic() - moment
            time.sleep(0.25)
        raise RuntimeError(f"not well after {faults.WHOLE_SECONDS_MAX} s: {obstacle}")

    # --- Faults

    def inject(self, number, kind):
        self.clients.ledger.mark()
        begun, target, problem, recovery = time.monotonic(), "", None, None
        try:
            target = faults.KINDS[kind](self.faults)
            lasted = time.monotonic() - begun
            recovery = self.whole()
        except (RuntimeError, subprocess.SubprocessError) as error:
            lasted, problem = time.monotonic() - begun, str(error)
            self.findings.append(f"after fault {number} ({kind}): {error}")
        found, self.faults.findings = self.faults.findings, []
        self.findings += [f"in fault {number} ({kind}): {finding}" for finding in found]
        pause = self.clients.ledger.longest_pause()
        lost = self.check() if problem is None else None
        self.outcomes.append({
            "number": number, "kind": kind, "target": target, "seconds": round(lasted, 1), "pause_seconds": round(pause, 1),
            "recovery_seconds": None if recovery is None else round(recovery, 1), "good": problem is None and lost == 0 and not found})
        self.say(
            f"{number:3} {kind:20} {target:24} {lasted:5.1f} s, pause {pause:5.1f} s, "
            + (f"well again after {recovery:5.1f} s" if recovery is not None else f"NOT RECOVERED: {problem}")
            + ("" if not lost else f", {lost} LOST OR DOUBLED") + "".join(f", {finding.upper()}" for finding in found))
        return problem is None

    def ledger(self, *options):
        """`frontdesk ledger` on all acknowledgements so far: each is stored once, under its identifier, and decided once."""
        environment = dict(os.environ, **self.machine.connection_information)
        run = subprocess.run(
            ["frontdesk", "ledger", "--acknowledged", self.acknowledged, "--json", *options], env=environment, capture_output=True,
            text=True, timeout=600)
        try:
            return json.loads(run.stdout)
        except ValueError:
            raise RuntimeError(f"the ledger: {run.stderr.strip() or run.stdout.strip()}") from None

    def check(self):
        """How many messages are missing or stored otherwise than acknowledged, so far."""
        try:
            verdict = self.ledger()
        except (RuntimeError, subprocess.SubprocessError) as error:
            self.findings.append(str(error))
            return 1
        return wrong(verdict)

    # --- The end

    def conclude(self):
        unserved = self.clients.end(END_SECONDS_MAX) if self.arguments.faults else self.clients.wait(
            self.arguments.messages / self.arguments.rate + END_SECONDS_MAX)
        self.findings += [f"{name} still waits for an acknowledgement" for name in unserved]
        try:
            verdict = self.ledger("--wait", f"{END_SECONDS_MAX}s")
        except (RuntimeError, subprocess.SubprocessError) as error:
            self.findings.append(str(error))
            verdict = {"lost": self.clients.ledger.count(), "whereabouts": {}}
        undecided = verdict["whereabouts"].get("undecided", 0)
        if undecided:
            self.findings.append(f"{undecided} messages are still undecided")
        twice = self.machine.query(DECIDED_TWICE)
        ledger = self.clients.ledger
        self.findings += ledger.contradictions + ledger.refusals[:10] + verdict.get("wrong", [])[:20]
        if twice is None or twice[0]:
            self.findings.append(f"decided twice: {'unknown' if twice is None else twice[0]}")
        audit = subprocess.run(
            ["frontdesk", "audit", "verify"], env=dict(os.environ, **self.machine.connection_information), capture_output=True, text=True,
            timeout=600)
        if audit.returncode:
            self.findings.append(f"audit verify: {audit.stdout.strip()} {audit.stderr.strip()}")
        by_kind = collections.defaultdict(list)
        for outcome in self.outcomes:
            by_kind[outcome["kind"]].append(outcome)
        return {
            "seed": self.arguments.seed,
            "faults": len(self.outcomes),
            "planned": self.arguments.faults,
            "acknowledged": ledger.count(),
            "duplicates": ledger.duplicates,
            "ledger": verdict,
            "lost_or_doubled": wrong(verdict) + len(ledger.contradictions) + (twice[0] if twice else 0),
            "by_kind": {kind: figures(outcomes) for kind, outcomes in sorted(by_kind.items())},
            "outcomes": self.outcomes,
            "ended_by_themselves": [f"{unit} of {host} ({status})" for host, unit, status in self.machine.exits()],
            "findings": self.findings,
            "seconds": round(time.monotonic() - self.begun, 1),
        }

    def run(self):
        order = faults.schedule(self.arguments.faults, self.arguments.seed, self.arguments.kinds)
        if order:
            self.whole()
        for number, kind in enumerate(order, start=1):
            if not self.inject(number, kind):
                break
        report = self.conclude()
        if len(self.outcomes) < self.arguments.faults:
            self.findings.append(f"only {len(self.outcomes)} of {self.arguments.faults} faults were injected")
        report["good"] = not self.findings and report["lost_or_doubled"] == 0 and all(outcome["good"] for outcome in self.outcomes)
        self.show(report)
        if self.arguments.json:
            with open(self.arguments.json, "w", encoding="utf-8") as file:
                json.dump(report, file, indent=2, ensure_ascii=False)
                file.write("\n")
        return report["good"]

    def show(self, report):
        decided = self.machine.metric("frontdesk_router_decisions_total")
        self.say(
            f"{report['acknowledged']} acknowledged ({report['duplicates']} of the answers were to repetitions), "
            f"{report['lost_or_doubled']} lost or doubled; decided by the routers that run now: {decided:.0f}")
        if report["by_kind"]:
            print(f"\n{'kind':22}{'faults':>7}{'pause median':>14}{'longest':>9}{'recovery median':>17}{'longest':>9}   (seconds)")
        for kind, row in report["by_kind"].items():
            print(
                f"{kind:22}{row['faults']:7}{text(row['pause_seconds_median']):>14}{text(row['pause_seconds_max']):>9}"
                f"{text(row['recovery_seconds_median']):>17}{text(row['recovery_seconds_max']):>9}")
        if report["faults"]:
            print("\nno process was started by hand: hosts were switched on again, and on each a loop starts what ends, as systemd does.")
        ended = collections.Counter(report["ended_by_themselves"])
        if ended:
            print("ended by themselves, and started again by it: " + ", ".join(f"{name} × {count}" for name, count in sorted(ended.items())))
        for finding in report["findings"]:
            print(f"  ✗ {finding}")
        sys.stdout.flush()


def wrong(verdict):
    """What a verdict of `frontdesk ledger` counts against the desk, apart from what is still undecided."""
    balance = verdict.get("balance") or {}
    return sum(verdict.get(name, 0) for name in ("lost", "doubled", "mismatched", "decided_twice")) + sum(
        balance.get(name, 0) for name in ("lost", "doubled", "decided_twice"))


def figures(outcomes):
    pauses = [outcome["pause_seconds"] for outcome in outcomes]
    recoveries = [outcome["recovery_seconds"] for outcome in outcomes if outcome["recovery_seconds"] is not None]
    return {
        "faults": len(outcomes), "pause_seconds_median": statistics.median(pauses), "pause_seconds_max": max(pauses),
        "recovery_seconds_median": statistics.median(recoveries) if recoveries else None,
        "recovery_seconds_max": max(recoveries, default=None), "good": all(outcome["good"] for outcome in outcomes)}


def text(number):
    return "–" if number is None else f"{number:.1f}"


def checked_kinds(words):
    if words == "help":
        for name, action in faults.KINDS.items():
            print(f"{name:20} {' '.join(action.__doc__.split())}")
        sys.exit(0)
    kinds = words.split(",") if words else []
    for kind in kinds:
        if kind not in faults.KINDS:
            sys.exit(f"There is no fault '{kind}'; see deploy/hosts --kinds help.")
    return kinds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check-kinds", type=checked_kinds, help="only check these names")
    parser.add_argument("--work", help="the folder of the run")
    parser.add_argument("--units", help="which service runs where")
    parser.add_argument("--faults", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", type=checked_kinds, default=[])
    parser.add_argument("--messages", type=int, default=2000, help="without faults")
    parser.add_argument("--rate", type=float, default=50, help="messages a second")
    parser.add_argument("--json", default="", help="the file for the result as JSON")
    arguments = parser.parse_args()
    if arguments.check_kinds is not None:
        return 0
    return 0 if Trial(arguments).run() else 1


if __name__ == "__main__":
    sys.exit(main())
