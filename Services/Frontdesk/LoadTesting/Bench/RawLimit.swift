import DeskCore
import Glibc
import PostgreSQL
import SystemPrimitives

/// What PostgreSQL itself needs for a message when bare loops write the rows that a message leaves: key, open ticket, message and inbox
/// row; then the ticket row, the inbox row's deletion and a timeline entry. No network in between, no service, no decision.
///
/// Slices alternate with rests: the rate is that of the slices, while the processor time includes what checkpointer and WAL writer do in
/// the rests.
struct RawLimit: Sendable {
  struct Figures: Sendable, Equatable {
    var perSecond: Double
    /// Of the loops, their backends, and PostgreSQL's background processes.
    var microsecondsPerMessage: Double
    var busyShare: Double?
  }

  /// A slice's messages, and its processor time in seconds.
  private struct Slice {
    var written = 0
    var backendSeconds = 0.0
  }

  let pool: PostgresPool
  let processes: BenchProcesses
  let rows: RawRows

  /// - Parameter batch: the rows of each statement.
  func measure(
    slices: Int, batch: Int = BenchBounds.rawBatch, traffic: SampleTraffic
  ) async throws -> Figures {
    try await pool.executeScript(RawRows.tables)
    let result: Result<Figures, any Error>
    do {
      result = .success(try await measured(slices, batch, traffic))
    } catch {
      result = .failure(error)
    }
    try await pool.executeScript(RawRows.drop)
    return try result.get()
  }

  private func measured(_ slices: Int, _ batch: Int, _ traffic: SampleTraffic) async throws -> Figures {
    let background = try processes.postgresProcesses(titled: ["checkpointer", "background writer", "walwriter"])
    func backgroundSeconds() -> Double { background.compactMap(ProcessorClock.seconds).reduce(0, +) }
    var (written, seconds, time) = (0, 0.0, 0.0)
    var shares: [Double] = []
    for slice in 0..<slices {
      try await pool.executeScript(RawRows.empty)
      try await awaitQuiet()
      let (machine, begin) = (MachineTime.now, ContinuousClock.now)
      let (own, others) = (ProcessorClock.seconds(of: getpid()) ?? 0, backgroundSeconds())
      let done = try await loops(slice, batch, traffic)
      time += (ContinuousClock.now - begin) / .seconds(1)
      seconds += (ProcessorClock.seconds(of: getpid()) ?? 0) - own + done.backendSeconds
      written += done.written
      if let machine, let share = MachineTime.now?.busyShare(since: machine) { shares.append(share) }
      try await Task.sleep(for: BenchBounds.rawSlice)
      seconds += backgroundSeconds() - others
    }
    return Figures(
      perSecond: Double(written) / time, microsecondsPerMessage: seconds * 1e6 / Double(max(1, written)),
      busyShare: shares.isEmpty ? nil : BenchReport.median(shares))
  }

  /// Waits until no table is being vacuumed, for a bounded time.
  private func awaitQuiet() async throws {
    let deadline = ContinuousClock.now + BenchBounds.rawQuietTime
    while try !processes.postgresProcesses(titled: ["autovacuum worker"]).isEmpty, ContinuousClock.now < deadline {
      try await Task.sleep(for: BenchBounds.rawQuietInterval)
    }
  }

  private func loops(_ slice: Int, _ batch: Int, _ traffic: SampleTraffic) async throws -> Slice {
    let end = ContinuousClock.now + BenchBounds.rawSlice
    return try await withThrowingTaskGroup(of: Slice.self) { group in
      for loop in 0..<BenchBounds.rawLoops {
        group.addTask {
          try await pool.withConnection { try await write(slice, loop, batch, until: end, traffic, on: $0) }
        }
      }
      return try await group.reduce(into: Slice()) {
        $0.written += $1.written
        $0.backendSeconds += $1.backendSeconds
      }
    }
  }

  private func write(
    _ slice: Int, _ loop: Int, _ size: Int, until end: ContinuousClock.Instant, _ traffic: SampleTraffic,
    on connection: PostgresConnection
  ) async throws -> Slice {
    guard let session = try await connection.query(RawLimit.session).first else { return Slice() }
    let before = ProcessorClock.seconds(of: session.backend) ?? 0
    var now = session.now
    var random = SystemRandom()
    var done = Slice()
    let digest = [UInt8](repeating: 7, count: 32)
    // Each slice and loop has messages of its own.
    var position = (slice * BenchBounds.rawLoops + loop) * BenchBounds.rawMessagesPerLoop
    while ContinuousClock.now < end {
      let batch = (0..<size).map { traffic.message(position + $0) }
      let messages = batch.map { _ in MessageID(at: now, using: &random) }
      let tickets = batch.map { _ in TicketID(at: now, using: &random) }
      let (channels, customers) = (batch.map(\.channel), batch.map(\.customer))
      now =
        try await connection.query(
          rows.accept,
          [
            messages, tickets, channels, customers, batch.map(\.id), batch.map { _ in digest }, batch.map(\.text),
          ]
        ).first ?? now
      let entries = batch.indices.map { rows.entries[(position + $0) % rows.entries.count] }
      try await connection.execute(rows.decide, [tickets, messages, entries, channels, customers])
      position += batch.count
      done.written += batch.count
    }
    done.backendSeconds = (ProcessorClock.seconds(of: session.backend) ?? before) - before
    return done
  }

  private static let session = PostgresStatement(
    "bench_session", "SELECT pg_backend_pid(), clock_timestamp()"
  ) { row in
    try (backend: row.next(Int32.self), now: row.next(Instant.self))
  }
}
