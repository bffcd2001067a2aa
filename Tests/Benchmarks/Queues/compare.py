#!/usr/bin/env python3
"""Measures PostgreSQL job queues for Python at the part of Frontdesk's work that they do.

    python3 -m venv venv && venv/bin/pip install --require-hashes -r deploy/requirements/queues.txt
    venv/bin/python Tests/Benchmarks/Queues/compare.py [--jobs N] [--batch N] [--processes N]

Each job is committed with others in a batch, taken by a worker, which updates one row by its key in a commit of its own, and is marked as
done. All runs have a private PostgreSQL with durable commits in a temporary folder. Printed for each queue: jobs a second while batches
are added and worked on at the same time, and the processor time of a job, of the Python processes and of PostgreSQL.
"""

import argparse
import asyncio
import contextlib
import glob
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time

SETTINGS = """
listen_addresses = ''
shared_buffers = 1GB
max_wal_size = 4GB
checkpoint_timeout = 15min
autovacuum_naptime = 10s
autovacuum_vacuum_cost_delay = 1ms
"""


def postgres_programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not found:
        sys.exit("compare: no PostgreSQL server found in /usr/lib/postgresql; install Debian's package `postgresql`")
    return found[-1]


@contextlib.contextmanager
def private_postgres():
    """A server in a temporary folder, on a Unix socket; gone afterwards."""
    programs = postgres_programs()
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="frontdesk-queues-") as folder:
        if as_user:
            subprocess.run(["chown", "postgres", folder], check=True)
        data = os.path.join(folder, "data")
        subprocess.run(as_user + [f"{programs}/initdb", "--auth=trust", "--username=postgres", "--pgdata", data],
                       check=True, stdout=subprocess.DEVNULL, cwd=folder)
        with open(os.path.join(data, "postgresql.conf"), "a") as settings:
            settings.write(SETTINGS + f"unix_socket_directories = '{folder}'\n")
        server = subprocess.Popen(as_user + [f"{programs}/postgres", "-D", data], stderr=subprocess.DEVNULL, cwd=folder)
        try:
            while subprocess.run([f"{programs}/pg_isready", "-q", "-h", folder]).returncode != 0:
                if server.poll() is not None:
                    sys.exit("compare: PostgreSQL did not start")
                time.sleep(0.1)
            yield folder, server.pid
        finally:
            server.terminate()
            server.wait()


def processor_seconds(parent):
    """Of a process and its living children, and of its children that have ended."""
    def of(pid):
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return int(fields[1]), sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    total = of(parent)[1]
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, IndexError):
                above, seconds = of(entry)
                if above == parent:
                    total += seconds
    return total


# MARK: The queues


class PgQueuer:
    name = "PgQueuer"

    @staticmethod
    async def prepare(folder):
        import asyncpg
        from pgqueuer import Queries
        from pgqueuer.db import AsyncpgDriver
        connection = await asyncpg.connect(host=folder, user="postgres", database="postgres")
        await Queries(AsyncpgDriver(connection)).install()
        return connection

    @staticmethod
    async def add(folder, keys, batch):
        import asyncpg
        from pgqueuer import Queries
        from pgqueuer.db import AsyncpgDriver
        connection = await asyncpg.connect(host=folder, user="postgres", database="postgres")
        queries = Queries(AsyncpgDriver(connection))
        for first in range(0, len(keys), batch):
            part = keys[first:first + batch]
            await queries.enqueue(["decide"] * len(part), [str(key).encode() for key in part], [0] * len(part))
        await connection.close()

    @staticmethod
    async def work(folder):
        import asyncpg
        from pgqueuer import PgQueuer as Queue
        from pgqueuer.db import AsyncpgPoolDriver
        pool = await asyncpg.create_pool(host=folder, user="postgres", database="postgres", min_size=4, max_size=12)
        queue = Queue(AsyncpgPoolDriver(pool))

        @queue.entrypoint("decide")
        async def decide(job):
            await pool.execute("UPDATE ticket SET state = 'queued', version = version + 1 WHERE id = $1",
                               int(job.payload))

        await queue.run(batch_size=200)


class Procrastinate:
    name = "Procrastinate"

    @staticmethod
    def app(folder):
        import procrastinate
        app = procrastinate.App(connector=procrastinate.PsycopgConnector(
            conninfo=f"host={folder} user=postgres dbname=postgres", min_size=4, max_size=24))

        @app.task(name="decide")
        async def decide(key):
            await app.connector.execute_query_async(
                "UPDATE ticket SET state = 'queued', version = version + 1 WHERE id = %(key)s", key=key)

        return app, decide

    @staticmethod
    async def prepare(folder):
        app, _ = Procrastinate.app(folder)
        async with app.open_async():
            await app.schema_manager.apply_schema_async()

    @staticmethod
    async def add(folder, keys, batch):
        app, decide = Procrastinate.app(folder)
        async with app.open_async():
            for first in range(0, len(keys), batch):
                await decide.batch_defer_async(*({"key": key} for key in keys[first:first + batch]))

    @staticmethod
    async def work(folder):
        app, _ = Procrastinate.app(folder)
        async with app.open_async():
            await app.run_worker_async(concurrency=20, delete_jobs="successful", install_signal_handlers=False)


# MARK: Measuring


def run(coroutine):
    import uvloop
    uvloop.run(coroutine)


def child(function, *arguments):
    process = multiprocessing.Process(target=lambda: run(function(*arguments)), daemon=True)
    process.start()
    return process


async def measured(queue, folder, server, jobs, batch, processes):
    import asyncpg
    connection = await asyncpg.connect(host=folder, user="postgres", database="postgres")
    await connection.execute("CREATE TABLE ticket (id int PRIMARY KEY, state text NOT NULL, version int NOT NULL)")
    await connection.execute("INSERT INTO ticket SELECT i, 'received', 1 FROM generate_series(1, $1::int) i", jobs)
    await connection.execute("CREATE INDEX ON ticket (id) WHERE state = 'received'")
    kept = await queue.prepare(folder)
    await connection.execute("VACUUM ANALYZE ticket")
    workers = [child(queue.work, folder) for _ in range(processes)]
    await asyncio.sleep(3)
    before = processor_seconds(server)
    python_before = sum(processor_seconds(worker.pid) for worker in workers)
    start = time.monotonic()
    keys = list(range(1, jobs + 1))
    added = child(queue.add, folder, keys, batch)
    left = jobs
    while left:
        await asyncio.sleep(0.2)
        left = await connection.fetchval("SELECT count(*) FROM ticket WHERE state = 'received'")
        if time.monotonic() - start > 300:
            sys.exit(f"compare: {queue.name} has {left} jobs left after 300 s")
    seconds = time.monotonic() - start
    postgres = processor_seconds(server) - before
    python = sum(processor_seconds(worker.pid) for worker in workers) - python_before
    added.join()
    python += resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime + resource.getrusage(resource.RUSAGE_CHILDREN).ru_stime
    for worker in workers:
        worker.terminate()
        worker.join()
    if kept:
        await kept.close()
    await connection.close()
    micro = 1e6 / jobs
    print(f"{queue.name:14} {jobs / seconds:8.0f} jobs/s {python * micro:8.0f} µs Python {postgres * micro:8.0f} µs PostgreSQL"
          f" {(python + postgres) * micro:8.0f} µs together", flush=True)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--jobs", type=int, default=20_000)
    arguments.add_argument("--batch", type=int, default=50)
    arguments.add_argument("--processes", type=int, default=2)
    given = arguments.parse_args()
    for queue in (PgQueuer, Procrastinate):
        process = multiprocessing.Process(target=measure, args=(queue, given))
        process.start()
        process.join()
        if process.exitcode != 0:
            sys.exit(1)


def measure(queue, given):
    with private_postgres() as (folder, server):
        asyncio.run(measured(queue, folder, server, given.jobs, given.batch, given.processes))


if __name__ == "__main__":
    main()
