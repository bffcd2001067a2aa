"""The hosts that deploy/hosts has made: what runs on them, and how it is killed, stopped, cut off and started again."""

import collections
import json
import os
import pathlib
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request

import psycopg

HOSTS = ("host-a", "host-b", "host-c")
HERE = pathlib.Path(__file__).resolve().parent
STOP_SECONDS_MAX = 90
PROMOTION_SECONDS_MAX = 90


class Machine:
    def __init__(self, work, units):
        self.work = pathlib.Path(work)
        self.context = ssl.create_default_context(cafile=self.work / "keys" / "ca.pem")
        lines = [line.split() for line in pathlib.Path(units).read_text().splitlines() if line and not line.startswith("#")]
        # (host, service, port of health and metrics)
        self.units = [(host, service, int(port)) for host, service, port in lines]
        self.addresses = {}
        for line in (self.work / "hosts").read_text().splitlines():
            address, name = line.split()
            self.addresses.setdefault(name, address)
        self.connection_information = environment(self.work / "frontdesk-command.env")
        # How often a fault has killed which unit of which host.
        self.killed = collections.Counter()

    # --- Processes

    def first_process(self, host):
        return int((self.work / host / "pid").read_text())

    def processes(self, host):
        """{process id: command line} of a host, as seen from here; without its first process."""
        first = self.first_process(host)
        try:
            space = os.readlink(f"/proc/{first}/ns/pid")
        except OSError:
            return {}
        found = {}
        for entry in os.listdir("/proc"):
            if not entry.isdigit() or int(entry) == first:
                continue
            try:
                if os.readlink(f"/proc/{entry}/ns/pid") == space:
                    line = pathlib.Path(f"/proc/{entry}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                    found[int(entry)] = line.strip()
            except OSError:
                continue
        return found

    def matching(self, host, *words):
        """The processes whose command line contains one of the words."""
        return [process for process, line in self.processes(host).items() if any(word in line for word in words)]

    def of_unit(self, host, unit):
        if unit == "etcd":
            words = ("/etcd",)
        elif unit == "patroni":
            words = ("-m patroni",)
        elif unit == "executor":
            words = ("frontdesk operate",)
        else:
            words = (f"frontdesk-{unit}",)
        found = self.matching(host, *words)
        # PostgreSQL's folder is named after the host, etcd's and Patroni's files too.
        return [process for process in found if not self.processes(host).get(process, "").startswith(("postgres", "/usr/lib/postgresql"))]

    def signal(self, processes, which):
        for process in processes:
            try:
                os.kill(process, which)
            except ProcessLookupError:
                pass

    def kill_unit(self, host, unit):
        self.killed[host, unit] += 1
        self.signal(self.of_unit(host, unit), signal.SIGKILL)

    # --- Hosts

    def kill(self, host):
        """As when its power fails: all processes at once."""
        first = self.first_process(host)
        self.signal([first], signal.SIGKILL)
        self.wait_for_end(first)

    def shut_down(self, host):
        """As `systemctl poweroff`: services drain, the primary hands over, and the host is off."""
        first = self.first_process(host)
        self.signal([first], signal.SIGTERM)
        self.wait_for_end(first)

    def wait_for_end(self, process):
        deadline = time.monotonic() + STOP_SECONDS_MAX
        while os.path.exists(f"/proc/{process}"):
            if time.monotonic() > deadline:
                raise RuntimeError(f"process {process} has not ended after {STOP_SECONDS_MAX} s")
            time.sleep(0.05)

    def boot(self, host):
        subprocess.run([HERE / "boot", self.work, host], check=True)

    def is_up(self, host):
        return os.path.exists(f"/proc/{self.first_process(host)}")

    def freeze(self, host):
        """SIGSTOP to all its processes; twice, because one may have been starting another."""
        for _ in range(2):
            self.signal([self.first_process(host), *self.processes(host)], signal.SIGSTOP)

    def thaw(self, host):
        self.signal([*self.processes(host), self.first_process(host)], signal.SIGCONT)

    def cut(self, host):
        """Its port leaves the bridge: packets vanish, and no end is told."""
        subprocess.run(["ip", "link", "set", host, "nomaster"], check=True)

    def heal(self, host):
        subprocess.run(["ip", "link", "set", host, "master", "lan"], check=True)

    # --- The cluster

    def cluster(self):
        """Patroni's view, from the first member that answers."""
        for host in HOSTS:
            try:
                with urllib.request.urlopen(f"https://{host}:8008/cluster", timeout=2, context=self.context) as answer:
                    return json.load(answer)["members"]
            except (OSError, ValueError, KeyError):
                continue
        return []

    def primary(self):
        """The host whose PostgreSQL is the primary by its own word, or None."""
        found = []
        for host in HOSTS:
            try:
                with urllib.request.urlopen(f"https://{host}:8008/primary", timeout=2, context=self.context) as answer:
                    found += [host] if answer.status == 200 else []
            except OSError:
                continue
        return found[0] if len(found) == 1 else None

    def standbys(self):
        primary = self.primary()
        return [host for host in HOSTS if host != primary]

    def synchronous_standby(self):
        return next((member["name"] for member in self.cluster() if member["role"] in ("sync_standby", "quorum_standby")), None)

    def wait_for(self, seconds, what, condition):
        deadline = time.monotonic() + seconds
        while True:
            found = condition()
            if found:
                return found
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what} did not happen within {seconds} s")
            time.sleep(0.25)

    def patronictl(self, by, *words):
        return subprocess.run(
            [self.work / "python/bin/python", self.work / "python/bin/patronictl", "--config-file", self.work / by / "patroni.yml", *words],
            capture_output=True, text=True, timeout=60)

    def switch_over(self, candidate):
        """Hands the role over to a standby that confirms, while the primary lives."""
        done = self.patronictl(candidate, "switchover", "--candidate", candidate, "--force")
        if done.returncode:
            raise RuntimeError(f"the switch-over to {candidate}: {done.stdout.strip()} {done.stderr.strip()}")

    def promote(self, candidate):
        """Makes a standby the primary by the operator's decision; asks again until the former one's key has run out."""
        def is_done():
            self.patronictl(candidate, "failover", "--candidate", candidate, "--force")
            return self.primary() == candidate
        self.wait_for(PROMOTION_SECONDS_MAX, f"the promotion of {candidate}", is_done)

    # --- Whether all is well

    def cluster_obstacle(self):
        """What the cluster lacks; None when it is whole: a primary, a synchronous standby, all of them at its timeline and streaming."""
        members = self.cluster()
        if len(members) < len(HOSTS):
            return f"the cluster has {len(members)} members"
        leaders = [member for member in members if member["role"] == "leader"]
        if len(leaders) != 1 or leaders[0]["state"] != "running":
            return "the cluster has no primary"
        for member in members:
            if member["role"] != "leader" and (member["state"] != "streaming" or member.get("timeline") != leaders[0].get("timeline")):
                return f"{member['name']} is {member['state']}"
        if not any(member["role"] in ("sync_standby", "quorum_standby") for member in members):
            return "no standby is synchronous"
        return None

    def service_obstacle(self):
        for host, service, port in self.units:
            try:
                with urllib.request.urlopen(f"http://{self.addresses[host]}:{port}/readyz", timeout=2):
                    pass
            except urllib.error.HTTPError as error:
                return f"{service} of {host} is not ready ({error.code})"
            except OSError:
                return f"{service} of {host} does not answer"
        return None

    def metric(self, name):
        """The sum of a counter over all services that have it."""
        total = 0.0
        for host, _, port in self.units:
            try:
                with urllib.request.urlopen(f"http://{self.addresses[host]}:{port}/metrics", timeout=2) as answer:
                    for line in answer.read().decode().splitlines():
                        if line.startswith((f"{name}{{", f"{name} ")):
                            total += float(line.rsplit(" ", 1)[1])
            except OSError:
                continue
        return total

    def query(self, sql, *parameters):
        """The first row of an answer by the primary; None when there is none, or no answer."""
        try:
            with psycopg.connect(
                self.connection_information["FRONTDESK_POSTGRES"], password=self.connection_information["PGPASSWORD"],
                options="-c statement_timeout=20s",
            ) as connection:
                return connection.execute(sql, parameters).fetchone()
        except psycopg.Error:
            return None

    def database_time(self):
        row = self.query("SELECT clock_timestamp()")
        return row and row[0]

    def undecided_obstacle(self, moment):
        row = self.query("SELECT count(*) FROM desk.inbox WHERE accepted_at <= %s", moment)
        if row is None:
            return "the database does not answer"
        return f"{row[0]} messages are undecided" if row[0] else None

    # --- What ended by itself

    def exits(self):
        """[(host, unit, status)] of units that ended while their host was up, and that no fault had killed."""
        found, killed = [], self.killed.copy()
        for host in (*HOSTS, "front"):
            path = self.work / host / "log" / "exits"
            if path.exists():
                for line in path.read_text().splitlines():
                    _, unit, status = line.split()
                    if status == "137" and killed[host, unit]:
                        killed[host, unit] -= 1
                    else:
                        found.append((host, unit, status))
        return found


def environment(path):
    """An environment file as a dictionary."""
    found = {}
    for line in pathlib.Path(path).read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, value = line.split("=", 1)
            found[name] = value.strip('"')
    return found
