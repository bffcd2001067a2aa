public import DeskCore
public import Logging
public import Messaging
public import Store
public import ZeroMQ

/// A process among the others: entered into the register, with keys of its own, and with sockets that only living instances may
/// connect to.
public struct FleetMember: Sendable {
  /// The service's name: `intake`, `router`, …
  public let service: String
  /// The other processes, and this one among them.
  public let fleet: Fleet
  /// The thread of this process's ZeroMQ sockets.
  public let zeroMQ: ZeroMQThread
  /// This process's CURVE keys, fresh at each start.
  public let curveKeys: CurveKeyPair
  /// Who may connect to this process's sockets.
  public let doors: Doors
  private let authenticator: ZAPAuthenticator

  /// Enters a process into the register, as one that is starting, and opens its doors to the others.
  ///
  /// - Parameters:
  ///   - instance: names the process; new at each start.
  ///   - clock: the database's, for the entry.
  ///   - problems: what goes wrong in this process, worst first.
  /// - Throws: `PostgresError` or `ZeroMQError`.
  public static func join(
    service: String, instance: InstanceID, host: String, processID: Int32, operationsEndpoint: String?,
    store: DeskStore, clock: DatabaseClock, on zeroMQ: ZeroMQThread, logger: Logger,
    problems: @escaping @Sendable () -> [WatchedTask.Problem] = { [] }
  ) async throws -> FleetMember {
    let keys = try CurveKeyPair.generate()
    let fleet = Fleet(
      ServiceInstance(
        id: instance, service: service, build: BuildInformation.version, host: host, processID: processID,
        state: .starting, linkEndpoint: nil, hintEndpoint: nil, httpEndpoint: nil,
        operationsEndpoint: operationsEndpoint, curvePublicKey: keys.publicKey.bytes, startedAt: clock.now(),
        heartbeatAt: clock.now()), store: store, clock: clock, logger: logger, problems: problems)
    // Entered before anything connects: the others look the key up in the register.
    try await fleet.announce()
    let doors = Doors()
    doors.guardDoor(Doors.fleetDomain) { request in
      guard let key = request.publicKey, let owner = await fleet.owner(ofKey: key) else { return nil }
      return UserID("\(owner.service):\(owner.id)")
    }
    let authenticator = try await ZAPAuthenticator(on: zeroMQ) { await doors.judge($0) }
    return FleetMember(
      service: service, fleet: fleet, zeroMQ: zeroMQ, curveKeys: keys, doors: doors, authenticator: authenticator)
  }

  /// Closes the doors and leaves the register.
  public func leave() async {
    await authenticator.close()
    await fleet.leave()
  }

  // MARK: Links

  /// Makes this process's upstream side.
  ///
  /// - Parameter endpoint: bound and entered into the register; nil leaves the source without workers.
  public func workSource(at endpoint: String?, _ options: WorkSource.Options) async throws -> WorkSource {
    let source = try WorkSource(on: zeroMQ, identity: identity, security: security, options: options)
    guard let endpoint else { return source }
    let bound = try await source.bind(to: endpoint)
    try await fleet.announce { $0.linkEndpoint = bound }
    return source
  }

  /// Makes this process's worker side, connected to nobody yet.
  public func workSink(creditWindow: Int, batchLimit: Int) -> WorkSink {
    WorkSink(on: zeroMQ, identity: identity, keys: curveKeys, creditWindow: creditWindow, batchLimit: batchLimit)
  }

  var identity: LinkIdentity {
    LinkIdentity(service: service, instanceID: fleet.me.description, build: BuildInformation.version)
  }

  var security: SocketOptions.Security {
    .curveServer(secretKey: curveKeys.secretKey, domain: Doors.fleetDomain)
  }
}
