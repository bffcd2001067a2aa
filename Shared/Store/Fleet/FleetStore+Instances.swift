public import DeskCore
import PostgreSQL

extension FleetStore {
  /// Registers an instance, or updates it; timestamps are the database's.
  public func register(_ instance: ServiceInstance) async throws {
    try await commitLocally("register_instance", FleetStore.registerInstance, FleetStore.values(of: instance))
  }

  /// The register says what runs now, and a process that finds itself missing registers again: it waits for no standby.
  private func commitLocally(
    _ name: String, _ statement: PostgresStatement<Void>, _ parameters: [any PostgresEncodable]
  ) async throws {
    var batch = PostgresBatch(name)
    batch.commitLocally()
    batch.add(statement, parameters)
    try await pool.transaction(batch)
  }

  private static func values(of instance: ServiceInstance) -> [any PostgresEncodable] {
    [
      instance.id, instance.service, instance.build, instance.host, instance.processID, instance.state.rawValue,
      instance.linkEndpoint, instance.hintEndpoint, instance.httpEndpoint, instance.operationsEndpoint,
      instance.curvePublicKey,
    ]
  }

  /// Sends an instance's heartbeat, and reads the register in the same round trip.
  ///
  /// - Parameters:
  ///   - problems: the instance's current problems, worst first; shown by `frontdesk status`.
  ///   - load: what the instance measured since its last heartbeat; nil if it measures nothing.
  /// - Returns: the database's clock and all live instances; `isRegistered` is false when the own row was removed
  ///   meanwhile and must be registered again.
  public func heartbeat(
    _ id: InstanceID, problems: [ServiceInstance.Problem] = [], load: ServiceInstance.Load? = nil
  ) async throws -> (now: Instant, isRegistered: Bool, living: [ServiceInstance]) {
    try await heartbeat(id, in: PostgresBatch("heartbeat"), problems, load)
  }

  /// Registers an instance, or updates it, and sends its heartbeat in the same round trip.
  public func heartbeat(
    registering instance: ServiceInstance, problems: [ServiceInstance.Problem] = [], load: ServiceInstance.Load? = nil
  ) async throws -> (now: Instant, isRegistered: Bool, living: [ServiceInstance]) {
    var batch = PostgresBatch("registering_heartbeat")
    batch.add(FleetStore.registerInstance, FleetStore.values(of: instance))
    return try await heartbeat(instance.id, in: batch, problems, load)
  }

  private func heartbeat(
    _ id: InstanceID, in batch: PostgresBatch, _ problems: [ServiceInstance.Problem], _ load: ServiceInstance.Load?
  ) async throws -> (now: Instant, isRegistered: Bool, living: [ServiceInstance]) {
    var batch = batch
    batch.commitLocally()
    let beat = batch.add(FleetStore.beat, [id, ProblemCodec.json(of: problems), load?.busyShare, load?.itemsPerSecond])
    let list = batch.add(FleetStore.eachLivingInstance, [FleetBounds.silence.inSeconds])
    let clock = batch.add(FleetStore.clockOfHeartbeat, [])
    let results = try await pool.transaction(batch)
    let now = try results.rows(clock).first ?? Instant(microseconds: 0)
    return try (now, !results.rows(beat).isEmpty, readable(among: results.rows(list), named: FleetStore.instanceRow))
  }

  /// Returns all live instances.
  public func livingInstances() async throws -> [ServiceInstance] {
    try readable(
      among: try await pool.query(FleetStore.eachLivingInstance, [FleetBounds.silence.inSeconds]),
      named: FleetStore.instanceRow)
  }

  /// Deregisters an instance when it stops.
  public func deregister(_ id: InstanceID) async throws {
    try await commitLocally("remove_instance", FleetStore.removeInstance, [id])
  }

  /// Removes rows of instances that died long ago.
  public func forgetDeadInstances() async throws {
    try await pool.execute(FleetStore.forgetInstances, [FleetBounds.forgetAfter.inSeconds])
  }

  /// Whether a timestamp in the database is at most a given number of seconds from now, before or after. It is written by the same clock,
  /// so a future one was written before that clock was set back, and must not stay valid until then. Now is when the
  /// statement began: the condition is evaluated for every row of a sweep, and reading the clock each time was most of the cost.
  static func isNearNow(_ moment: String, within seconds: String) -> String {
    """
    \(moment) BETWEEN statement_timestamp() - make_interval(secs => \(seconds))
      AND statement_timestamp() + make_interval(secs => \(seconds))
    """
  }

  private static let columns = """
    id, service, build, host, process_id, state, link_endpoint, hint_endpoint, http_endpoint, operations_endpoint,
    curve_public_key
    """

  private static let registerInstance = PostgresStatement<Void>(
    "register_instance",
    """
    INSERT INTO desk.service_instance (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, link_endpoint = excluded.link_endpoint,
      hint_endpoint = excluded.hint_endpoint, http_endpoint = excluded.http_endpoint,
      operations_endpoint = excluded.operations_endpoint, heartbeat_at = clock_timestamp()
    """)

  private static let beat = PostgresStatement<InstanceID>(
    "heartbeat",
    """
    UPDATE desk.service_instance SET heartbeat_at = clock_timestamp(), problems = $2, busy_share = $3::float8, items_per_second = $4::float8
     WHERE id = $1 RETURNING id
    """, planning: .once)

  private static let clockOfHeartbeat = PostgresStatement<Instant>(
    "heartbeat_clock", "SELECT clock_timestamp()", planning: .once)

  private static let livingInstances = PostgresStatement(
    "living_instances",
    """
    SELECT \(columns), started_at, heartbeat_at, problems FROM desk.service_instance
     WHERE \(isNearNow("heartbeat_at", within: "$1")) ORDER BY service, id
    """, planning: .once
  ) { row in
    let id = try row.next(InstanceID.self)
    let service = try row.next(String.self)
    let build = try row.next(String.self)
    let host = try row.next(String.self)
    let processID = try row.next(Int32.self)
    guard let state = try ServiceInstance.State(rawValue: row.next(String.self)) else {
      throw StoreError.unreadable("state")
    }
    return try ServiceInstance(
      id: id, service: service, build: build, host: host, processID: processID, state: state, linkEndpoint: row.next(),
      hintEndpoint: row.next(), httpEndpoint: row.next(), operationsEndpoint: row.next(), curvePublicKey: row.next(),
      startedAt: row.next(), heartbeatAt: row.next(), problems: ProblemCodec.problems(from: row.next()))
  }

  /// An instance of a newer build may be in a state that this one does not know; the others are still returned.
  private static let eachLivingInstance = livingInstances.rowByRow(keyedBy: InstanceID.self)

  private static func instanceRow(_ id: InstanceID) -> RowName { .other(table: "service_instance", key: "\(id)") }

  private static let removeInstance = PostgresStatement<Void>(
    "remove_instance", "DELETE FROM desk.service_instance WHERE id = $1")

  private static let forgetInstances = PostgresStatement<Void>(
    "forget_instances",
    "DELETE FROM desk.service_instance WHERE NOT (\(isNearNow("heartbeat_at", within: "$1")))")
}
