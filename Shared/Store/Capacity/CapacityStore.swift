public import DeskCore
import PostgreSQL

/// How many processes of each service are wanted, why, and which peaks are planned.
public struct CapacityStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
}

/// The wanted number of processes of one service.
public struct CapacityRow: Sendable, Hashable {
  /// Who decides the number. The raw values are stored.
  public enum Mode: String, Sendable, Hashable, CaseIterable {
    /// The watcher that leads, by the load.
    case auto
    /// A person.
    case fixed
  }

  /// The service: `router`, `classifier`, …
  public let service: String
  /// Who decides.
  public let mode: Mode
  /// The wanted number.
  public let wanted: Int
  /// The smallest number by the policy, as the watcher last used it.
  public let base: Int
  /// The largest one.
  public let ceiling: Int
  /// Why, as `CapacityReason.coded`.
  public let reason: JSONValue
  /// When number or mode changed last.
  public let changedAt: Instant
  /// When the row changed last.
  public let decidedAt: Instant
  /// Since when the number of ready processes differs; nil while it does not.
  public let apartSince: Instant?
  /// The living processes that are ready.
  public let running: Int
}

// MARK: - Reading

extension CapacityStore {
  /// Returns the numbers of all services that have one, by name.
  public func rows() async throws -> [CapacityRow] {
    try await pool.query(CapacityStore.allRows, [FleetBounds.silence.inSeconds])
  }

  /// A wanted number, and when it or its mode changed last.
  public struct Wanted: Sendable, Hashable {
    /// The number of processes.
    public let count: Int
    /// When it changed.
    public let changedAt: Instant
  }

  /// Returns the wanted numbers alone, for a supervisor that polls them.
  // exact-keys: names of services from the table's list.
  public func wanted() async throws -> [String: Wanted] {
    Dictionary(
      try await pool.query(CapacityStore.wantedNumbers).map { ($0.service, $0.wanted) },
      uniquingKeysWith: { first, _ in first })
  }

  static let columns =
    "c.service, c.mode, c.wanted, c.base, c.ceiling, c.reason::text, c.changed_at, c.decided_at, c.apart_since"

  static func row(_ row: inout PostgresRowReader) throws -> CapacityRow {
    let service: String = try row.next()
    guard let mode = try CapacityRow.Mode(rawValue: row.next()) else { throw StoreError.unreadable("mode") }
    let (wanted, base, ceiling): (Int32, Int32, Int32) = try (row.next(), row.next(), row.next())
    let reason: String = try row.next()
    return try CapacityRow(
      service: service, mode: mode, wanted: Int(wanted), base: Int(base), ceiling: Int(ceiling),
      reason: JSONValue(json: reason) ?? .null, changedAt: row.next(), decidedAt: row.next(), apartSince: row.next(),
      running: Int(row.next(Int64.self)))
  }

  private static let allRows = PostgresStatement(
    "capacity_rows",
    """
    SELECT \(columns), (SELECT count(*) FROM desk.service_instance i WHERE i.service = c.service AND i.state = 'ready'
        AND \(FleetStore.isNearNow("i.heartbeat_at", within: "$1")))
      FROM desk.capacity c ORDER BY c.service
    """
  ) { try row(&$0) }

  private static let wantedNumbers = PostgresStatement(
    "capacity_wanted", "SELECT service, wanted, changed_at FROM desk.capacity", planning: .once
  ) { row in
    try (service: row.next(String.self), wanted: Wanted(count: Int(row.next(Int32.self)), changedAt: row.next()))
  }
}

// MARK: - A person's choice

extension CapacityStore {
  /// Fixes the number of a service's processes, or leaves it to the watcher again, which goes on from the present number.
  ///
  /// Only the owner may; the change is in the audit.
  /// - Parameters:
  ///   - service: one of the table's services; `auto` only for an `ElasticService`.
  ///   - count: the number; nil for `auto`.
  ///   - chooser: who chose it, for the reason.
  public func choose(_ service: String, _ count: Int?, by chooser: String) async throws {
    let reason =
      count == nil
      ? CapacityReason(.leftToLoad, ["by": .text(chooser)]) : CapacityReason(.chosen, ["by": .text(chooser)])
    try await pool.execute(
      CapacityStore.choice, [service, count.map { Int32(clamping: $0) }, reason.coded.json])
  }

  private static let choice = PostgresStatement<Void>(
    "choose_capacity",
    """
    INSERT INTO desk.capacity AS c (service, mode, wanted, base, ceiling, reason)
    VALUES ($1, CASE WHEN $2::integer IS NULL THEN 'auto' ELSE 'fixed' END, coalesce($2, 1), 1, 1, $3::text::jsonb)
    ON CONFLICT (service) DO UPDATE
      SET mode = excluded.mode, wanted = CASE WHEN $2 IS NULL THEN least(c.wanted, c.ceiling) ELSE excluded.wanted END,
          reason = excluded.reason, changed_at = clock_timestamp(), decided_at = clock_timestamp(), apart_since = NULL, term = 0
    """)
}

// MARK: - Peaks

/// A planned peak of one service.
public struct StoredPeak: Sendable, Hashable {
  /// The service.
  public let service: ElasticService
  /// The time and the workers.
  public let peak: PlannedPeak

  /// Describes a peak.
  public init(_ service: ElasticService, _ peak: PlannedPeak) {
    self.service = service
    self.peak = peak
  }
}

extension CapacityStore {
  /// Returns the peaks that have not ended long ago, earliest first.
  public func peaks() async throws -> [StoredPeak] {
    try await pool.query(CapacityStore.listPeaks, [Int64(StoreBounds.peaksPlanned)])
  }

  /// Plans a peak, or changes the one of this name and service. Peaks that ended a week ago are deleted. Only the owner may.
  /// - Returns: false when `StoreBounds.peaksPlanned` are planned already.
  public func plan(_ planned: StoredPeak) async throws -> Bool {
    let peak = planned.peak
    return try await !pool.query(
      CapacityStore.addPeak,
      [
        peak.name, planned.service.rawValue, peak.start, peak.end, Int32(clamping: peak.workers),
        Int64(StoreBounds.peaksPlanned),
      ]
    ).isEmpty
  }

  /// Removes a peak of all services. Only the owner may.
  /// - Returns: false if there is none of this name.
  public func removePeak(named name: String) async throws -> Bool {
    try await !pool.query(CapacityStore.deletePeak, [name]).isEmpty
  }

  private static let listPeaks = PostgresStatement(
    "capacity_peaks",
    """
    SELECT service, name, starts_at, ends_at, workers FROM desk.capacity_peak WHERE ends_at > now() - interval '7 days'
     ORDER BY starts_at, name, service LIMIT $1
    """
  ) { row in
    guard let service = try ElasticService(rawValue: row.next()) else { throw StoreError.unreadable("service") }
    return try StoredPeak(
      service, PlannedPeak(name: row.next(), from: row.next(), to: row.next(), workers: Int(row.next(Int32.self))))
  }

  private static let addPeak = PostgresStatement<String>(
    "plan_capacity_peak",
    """
    WITH ended AS (DELETE FROM desk.capacity_peak WHERE ends_at < now() - interval '7 days' AND (name, service) <> ($1, $2))
    INSERT INTO desk.capacity_peak (name, service, starts_at, ends_at, workers)
    SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM desk.capacity_peak WHERE ends_at > now() AND (name, service) <> ($1, $2)) < $6
    ON CONFLICT (name, service) DO UPDATE
      SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, workers = excluded.workers
    RETURNING name
    """)

  private static let deletePeak = PostgresStatement<String>(
    "remove_capacity_peak", "DELETE FROM desk.capacity_peak WHERE name = $1 RETURNING name")
}
