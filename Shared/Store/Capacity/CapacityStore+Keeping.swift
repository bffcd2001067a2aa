public import DeskCore
import PostgreSQL

/// What the database shows of one elastic service: its row, and an observation of its workers.
public struct CapacityLook: Sendable {
  /// The service.
  public let service: ElasticService
  /// Its row.
  public let row: CapacityRow
  /// What is seen of its workers and work.
  public let observation: CapacityObservation
  /// The peaks that have not ended.
  public let peaks: [PlannedPeak]
}

/// A number that a watcher decided.
public struct KeptCapacity: Sendable, Hashable {
  /// The service.
  public var service: ElasticService
  /// The mode that the decision was made for: a number that a person has fixed meanwhile is not overwritten.
  public var mode: CapacityRow.Mode
  /// The wanted number.
  public var wanted: Int
  /// The settings' smallest and largest number.
  public var range: ClosedRange<Int>
  /// Why, as `CapacityReason.coded`.
  public var reason: JSONValue
  /// Whether the number of ready processes differs.
  public var isApart: Bool

  /// Describes a decision.
  public init(
    _ service: ElasticService, mode: CapacityRow.Mode, wanted: Int, range: ClosedRange<Int>, reason: JSONValue,
    isApart: Bool
  ) {
    self.service = service
    self.mode = mode
    self.wanted = wanted
    self.range = range
    self.reason = reason
    self.isApart = isApart
  }
}

// MARK: - The watcher

extension CapacityStore {
  /// Observes all elastic services in one statement.
  ///
  /// Of the backlog at most `StoreBounds.backlogCounted` items are counted. A longer one is estimated from what arrives in the time for
  /// which the oldest item has waited.
  public func look() async throws -> [CapacityLook] {
    try await pool.query(
      CapacityStore.observe, [FleetBounds.silence.inSeconds, Int64(StoreBounds.backlogCounted)]
    ).compactMap(\.self)
  }

  /// Writes decisions, unless the lease was lost.
  /// - Returns: the services whose rows were written. Without the lease none; nor is a number written that a person has fixed since.
  public func keep(_ decisions: [KeptCapacity], fencedBy fence: Fence) async throws -> Set<ElasticService> {
    guard !decisions.isEmpty else { return [] }
    let written = try await pool.query(
      CapacityStore.write,
      [
        decisions.map(\.service.rawValue), decisions.map(\.mode.rawValue), decisions.map { Int32(clamping: $0.wanted) },
        decisions.map { Int32(clamping: $0.range.lowerBound) }, decisions.map { Int32(clamping: $0.range.upperBound) },
        decisions.map(\.reason.json), decisions.map(\.isApart), fence.lease, fence.holder, fence.term,
      ])
    return Set(written.compactMap { ElasticService(rawValue: $0) })
  }

  /// The backlog is the same for all of them: which stage it waits for shows in how busy each is. Intake accepts at once, or not at all.
  private static let observe = PostgresStatement(
    "observe_capacity",
    """
    WITH living AS MATERIALIZED (
      SELECT service, state, busy_share, items_per_second FROM desk.service_instance
       WHERE \(FleetStore.isNearNow("heartbeat_at", within: "$1"))),
    inbox AS MATERIALIZED (
      SELECT (SELECT count(*) FROM (SELECT FROM desk.inbox LIMIT $2) i) AS items,
             (SELECT accepted_at FROM desk.inbox ORDER BY message_id LIMIT 1) AS oldest)
    SELECT \(columns),
           (SELECT count(*) FROM living l WHERE l.service = c.service AND l.state = 'ready'),
           (SELECT avg(l.busy_share)::float8 FROM living l WHERE l.service = c.service AND l.state = 'ready'),
           (SELECT sum(l.items_per_second)::float8 FROM living l WHERE l.service = c.service),
           (SELECT sum(l.items_per_second)::float8 FROM living l WHERE l.service = 'intake'),
           CASE c.service WHEN 'intake' THEN 0 ELSE b.items END, CASE c.service WHEN 'intake' THEN NULL ELSE b.oldest END,
           clock_timestamp(), p.names, p.starts, p.ends, p.workers
      FROM desk.capacity c CROSS JOIN inbox b
     CROSS JOIN LATERAL (
       SELECT coalesce(array_agg(k.name ORDER BY k.starts_at, k.name), '{}') AS names,
              coalesce(array_agg(k.starts_at ORDER BY k.starts_at, k.name), '{}') AS starts,
              coalesce(array_agg(k.ends_at ORDER BY k.starts_at, k.name), '{}') AS ends,
              coalesce(array_agg(k.workers ORDER BY k.starts_at, k.name), '{}') AS workers
         FROM desk.capacity_peak k WHERE k.service = c.service AND k.ends_at > now()) p
     WHERE c.service IN ('router', 'classifier', 'intake')
     ORDER BY c.service
    """, planning: .once
  ) { reader -> CapacityLook? in
    let row = try row(&reader)
    let busyShare: Double? = try reader.next()
    let throughput: Double? = try reader.next()
    let arrivals: Double? = try reader.next()
    let counted: Int64 = try reader.next()
    let oldest: Instant? = try reader.next()
    let now: Instant = try reader.next()
    let names: [String] = try reader.next()
    let starts: [Instant] = try reader.next()
    let ends: [Instant] = try reader.next()
    let workers: [Int32] = try reader.next()
    guard let service = ElasticService(rawValue: row.service) else { return nil }
    let age = oldest.map { max(.zero, now - $0) } ?? .zero
    var backlog = Int(counted)
    if backlog >= StoreBounds.backlogCounted, let arrivals {
      backlog = max(backlog, Int(min(arrivals * age.inSeconds, Double(Int32.max))))
    }
    let peaks = names.indices.map {
      PlannedPeak(name: names[$0], from: starts[$0], to: ends[$0], workers: Int(workers[$0]))
    }
    return CapacityLook(
      service: service, row: row,
      observation: CapacityObservation(
        at: now, running: row.running, backlog: backlog, oldestAge: age,
        arrivals: service == .intake ? nil : arrivals, busyShare: busyShare, throughput: throughput),
      peaks: peaks)
  }

  private static let write = PostgresStatement<String>(
    "keep_capacity",
    """
    WITH fence AS MATERIALIZED (
      SELECT name FROM desk.lease WHERE name = $8 AND holder = $9 AND term = $10 AND expires_at > clock_timestamp() FOR SHARE)
    UPDATE desk.capacity c
       SET wanted = n.wanted, base = n.base, ceiling = n.ceiling, reason = n.reason::jsonb,
           changed_at = CASE WHEN c.wanted = n.wanted THEN c.changed_at ELSE clock_timestamp() END, decided_at = clock_timestamp(),
           apart_since = CASE WHEN n.apart THEN coalesce(c.apart_since, clock_timestamp()) END, term = $10
      FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::integer[], $6::text[], $7::boolean[])
        AS n (service, mode, wanted, base, ceiling, reason, apart)
     WHERE c.service = n.service AND c.mode = n.mode AND (c.mode = 'auto' OR c.wanted = n.wanted) AND EXISTS (SELECT FROM fence)
    RETURNING c.service
    """)
}
