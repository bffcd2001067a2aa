"""The faults: what each kind does to the hosts. Each returns the name of what it hit; on return the fault is over."""

import random
import signal
import time

from machine import HOSTS

# Longer than Patroni's ttl (20 s), so that a silent primary loses its role meanwhile.
SILENCE_SECONDS = 30
# Longer than any call of a service to the database waits (30 s) and until a client asks again: each commit that waits is given up, and
# its repetition answered, while no standby has it.
UNREPLICATED_SECONDS = 42
# For the answers that were on their way when the last receiver was stopped.
LAST_ANSWER_SECONDS = 3
ETCD_SECONDS = 12
SERVICE_STOP_SECONDS = 20
SLOW_SECONDS = 30
SLOW_STOPPED_SECONDS, SLOW_RUNNING_SECONDS = 0.45, 0.05
TAKE_OVER_SECONDS_MAX = 90
WHOLE_SECONDS_MAX = 180


class Faults:
    """`served()` waits until every client has an answer to what it sent after now; `whole()` until all is well again; `acknowledged()` counts."""

    def __init__(self, machine, seed, served, whole, acknowledged):
        self.machine, self.served, self.whole, self.acknowledged = machine, served, whole, acknowledged
        self.random = random.Random(seed)
        # What must not be while a fault lasts.
        self.findings = []

    # --- Hosts

    def take_over(self, old):
        """Waits for a primary on another host, and until clients are served by it."""
        self.machine.wait_for(
            TAKE_OVER_SECONDS_MAX, f"another primary than {old}", lambda: self.machine.primary() not in (None, old))
        self.served()

    def primary(self):
        return self.machine.wait_for(TAKE_OVER_SECONDS_MAX, "a primary", self.machine.primary)

    def standby(self):
        return self.random.choice(self.machine.standbys())

    def primary_kill(self):
        """the primary's host loses its power; it comes back when another one has taken over"""
        host = self.primary()
        self.machine.kill(host)
        self.take_over(host)
        self.machine.boot(host)
        return host

    def primary_cut(self):
        """the primary's host is cut off, silently, for 30 s at least and until another one has taken over"""
        host = self.primary()
        self.machine.cut(host)
        begun = time.monotonic()
        self.take_over(host)
        time.sleep(max(0.0, begun + SILENCE_SECONDS - time.monotonic()))
        self.machine.heal(host)
        return host

    def primary_stop(self):
        """all processes of the primary's host are stopped (SIGSTOP) for 30 s at least and until another one has taken over"""
        host = self.primary()
        self.machine.freeze(host)
        begun = time.monotonic()
        self.take_over(host)
        time.sleep(max(0.0, begun + SILENCE_SECONDS - time.monotonic()))
        self.machine.thaw(host)
        return host

    def standby_kill(self):
        """a standby's host loses its power for 10 s"""
        host = self.standby()
        self.machine.kill(host)
        time.sleep(10)
        self.served()
        self.machine.boot(host)
        return host

    def standby_cut(self):
        """a standby's host is cut off, silently, for 30 s"""
        host = self.standby()
        self.machine.cut(host)
        time.sleep(SILENCE_SECONDS)
        self.machine.heal(host)
        return host

    def standby_stop(self):
        """all processes of a standby's host are stopped (SIGSTOP) for 30 s"""
        host = self.standby()
        self.machine.freeze(host)
        time.sleep(SILENCE_SECONDS)
        self.machine.thaw(host)
        return host

    def front_kill(self):
        """the host of the balancer loses its power for 5 s"""
        self.machine.kill("front")
        time.sleep(5)
        self.machine.boot("front")
        return "front"

    def roll(self):
        """all hosts are shut down and started again, one after the other, the primary's last"""
        primary = self.primary()
        for host in [*(host for host in HOSTS if host != primary), primary]:
            self.machine.shut_down(host)
            self.served()
            self.machine.boot(host)
            if host != primary:
                self.whole()
        return "all"

    def fail_over_twice(self):
        """the primary's host loses its power, and so does the next primary's as soon as it has a standby that confirms"""
        first = self.primary()
        self.machine.kill(first)
        self.take_over(first)
        self.machine.boot(first)
        second = self.primary()
        self.machine.wait_for(WHOLE_SECONDS_MAX, "a standby that confirms", self.machine.synchronous_standby)
        # Two of three etcd nodes must stay, or no one may be elected.
        self.machine.wait_for(WHOLE_SECONDS_MAX, "the return of the first host", lambda: len(self.machine.cluster()) == len(HOSTS))
        self.machine.kill(second)
        self.take_over(second)
        self.machine.boot(second)
        return f"{first}, {second}"

    def switch_over_twice(self):
        """the operator hands the primary's role over, and again at once"""
        names = []
        for _ in range(2):
            old = self.primary()
            candidate = self.machine.wait_for(WHOLE_SECONDS_MAX, "a standby that confirms", self.machine.synchronous_standby)
            self.machine.switch_over(candidate)
            self.machine.wait_for(TAKE_OVER_SECONDS_MAX, f"the primary on {candidate}", lambda: self.machine.primary() == candidate)
            names.append(f"{old} to {candidate}")
        return ", ".join(names)

    # --- Processes

    def etcd_kill(self):
        """an etcd node is killed (its unit starts it again)"""
        host = self.random.choice(HOSTS)
        self.machine.kill_unit(host, "etcd")
        return host

    def etcd_stop(self):
        """an etcd node is stopped (SIGSTOP) for 12 s"""
        host = self.random.choice(HOSTS)
        node = self.machine.of_unit(host, "etcd")
        self.machine.signal(node, signal.SIGSTOP)
        time.sleep(ETCD_SECONDS)
        self.machine.signal(node, signal.SIGCONT)
        return host

    def patroni_kill(self):
        """the primary's Patroni is killed; PostgreSQL goes on"""
        host = self.primary()
        self.machine.kill_unit(host, "patroni")
        return host

    def postgres_kill(self):
        """all PostgreSQL processes of the primary are killed"""
        host = self.primary()
        self.machine.signal(self.machine.matching(host, "postgres: ", "/bin/postgres "), signal.SIGKILL)
        return host

    def service(self):
        host, unit, _ = self.random.choice(self.machine.units)
        return host, unit

    def service_kill(self):
        """a service of ours is killed"""
        host, unit = self.service()
        self.machine.kill_unit(host, unit)
        return f"{unit} of {host}"

    def service_stop(self):
        """a service of ours is stopped (SIGSTOP) for 20 s, longer than a lease holds"""
        host, unit = self.service()
        processes = self.machine.of_unit(host, unit)
        self.machine.signal(processes, signal.SIGSTOP)
        time.sleep(SERVICE_STOP_SECONDS)
        self.machine.signal(processes, signal.SIGCONT)
        return f"{unit} of {host}"

    # --- Replication

    def receivers(self, hosts):
        return [process for host in hosts for process in self.machine.matching(host, "walreceiver")]

    def hold_receivers(self, standbys):
        """Stops what receives the WAL, also what is started meanwhile, for as long as a service waits for an answer."""
        stopped, before = set(), None
        begun = time.monotonic()
        while time.monotonic() < begun + UNREPLICATED_SECONDS:
            if before is None and time.monotonic() > begun + LAST_ANSWER_SECONDS:
                before = self.acknowledged()
            fresh = [process for process in self.receivers(standbys) if process not in stopped]
            self.machine.signal(fresh, signal.SIGSTOP)
            stopped.update(fresh)
            time.sleep(0.1)
        if more := self.acknowledged() - before:
            self.findings.append(f"{more} messages were acknowledged while no standby received anything")
        return stopped

    def receivers_stop(self):
        """the WAL receivers of both standbys are stopped (SIGSTOP) for 42 s: nothing may be acknowledged meanwhile"""
        stopped = self.hold_receivers(self.machine.standbys())
        self.machine.signal(stopped, signal.SIGCONT)
        return "both standbys"

    def receivers_fail_over(self):
        """the same, then the primary's host loses its power, and the operator promotes a standby: what only the primary had is gone"""
        primary, standbys = self.primary(), self.machine.standbys()
        stopped = self.hold_receivers(standbys)
        self.machine.kill(primary)
        self.machine.signal(stopped, signal.SIGCONT)
        # No one is elected: no standby is known to have everything. The operator gives up the primary, as if it were lost for good.
        self.machine.promote(self.random.choice(standbys))
        self.take_over(primary)
        self.machine.boot(primary)
        return primary

    def slow_standby(self):
        """the disk of the standby that confirms is slow: its WAL receiver, which writes and flushes, runs a tenth of the time, for 30 s"""
        host = self.machine.synchronous_standby() or self.standby()
        end = time.monotonic() + SLOW_SECONDS
        while time.monotonic() < end:
            processes = self.machine.matching(host, "walreceiver")
            self.machine.signal(processes, signal.SIGSTOP)
            time.sleep(SLOW_STOPPED_SECONDS)
            self.machine.signal(processes, signal.SIGCONT)
            time.sleep(SLOW_RUNNING_SECONDS)
        return host


KINDS = {
    name.replace("_", "-"): getattr(Faults, name)
    for name in (
        "primary_kill", "primary_cut", "primary_stop", "standby_kill", "standby_cut", "standby_stop", "front_kill", "etcd_kill",
        "etcd_stop", "patroni_kill", "postgres_kill", "service_kill", "service_stop", "receivers_stop", "receivers_fail_over",
        "slow_standby", "switch_over_twice", "fail_over_twice", "roll")
}


def schedule(count, seed, kinds):
    """The kinds of `count` faults: the named ones in their order, or rounds of all kinds, each in an order drawn from the seed."""
    if kinds:
        return [kinds[number % len(kinds)] for number in range(count)]
    drawn = random.Random(f"order {seed}")
    order = []
    while len(order) < count:
        order += drawn.sample(list(KINDS), len(KINDS))
    return order[:count]
