public import DeskCore
public import Logging
public import Messaging
public import ServiceHealth
internal import ServiceSettings
public import Store
public import ZeroMQ

/// A process as a member of the fleet: registered, with its own keys, and with sockets that only live instances may
/// connect to.
public struct FleetMember: Sendable {
  /// The service's name: `intake`, `router`, …
  public let service: String
  /// The register of all live processes, including this one.
  public let fleet: Fleet
  /// The thread of this process's ZeroMQ sockets.
  public let zeroMQ: ZeroMQThread
  /// This process's CURVE keys, generated at each start.
  public let curveKeys: CurveKeyPair
  /// Decides which peers may connect to this process's sockets.
  public let doors: ZAPHandler
  private let authenticator: ZAPAuthenticator

  /// Registers a process in the starting state, and accepts connections from the others.
  ///
  /// - Parameters:
  ///   - instance: identifies the process; new at each start.
  ///   - clock: the database's, for the entry.
  ///   - problems: the current problems of this process, worst first.
  ///   - work: how busy this process is.
  /// - Throws: `PostgresError` or `ZeroMQError`.
  public static func join(
    service: String, instance: InstanceID, host: String, processID: Int32, operationsEndpoint: String?,
    store: DeskStore, clock: DatabaseClock, on zeroMQ: ZeroMQThread, logger: Logger,
    problems: @escaping @Sendable () -> [WatchedTask.Problem] = { [] }, work: WorkMeter = WorkMeter()
  ) async throws -> FleetMember {
    let keys = try CurveKeyPair.generate()
    let fleet = Fleet(
      ServiceInstance(
        id: instance, service: service, build: BuildInformation.version, host: host, processID: processID,
        state: .starting, linkEndpoint: nil, hintEndpoint: nil, httpEndpoint: nil,
        operationsEndpoint: operationsEndpoint, curvePublicKey: keys.publicKey.bytes, startedAt: clock.now(),
        heartbeatAt: clock.now()), store: store, clock: clock, logger: logger, problems: problems, work: work)
    // Registered before anything connects: the others look the key up in the register.
    try await fleet.announce()
    let doors = ZAPHandler()
    doors.guardDoor(ZAPHandler.fleetDomain) { request in
      guard let key = request.publicKey, let owner = await fleet.owner(ofKey: key) else { return nil }
      return UserID("\(owner.service):\(owner.id)")
    }
    let authenticator = try await ZAPAuthenticator(on: zeroMQ) { await doors.judge($0) }
    return FleetMember(
      service: service, fleet: fleet, zeroMQ: zeroMQ, curveKeys: keys, doors: doors, authenticator: authenticator)
  }

  /// Closes the sockets and deregisters.
  public func leave() async {
    await authenticator.close()
    await fleet.leave()
  }

  // MARK: Links

  /// Creates this process's upstream side.
  ///
  /// - Parameter endpoint: bound, and registered with the next announcement; nil leaves the source without workers.
  public func workSource(at endpoint: String?, _ options: WorkSource.Options) async throws -> WorkSource {
    let source = try WorkSource(on: zeroMQ, identity: identity, security: security, options: options)
    guard let endpoint else { return source }
    let bound = try await source.bind(to: endpoint)
    await fleet.amend { $0.linkEndpoint = bound }
    return source
  }

  /// Creates this process's worker side, not connected to anything yet.
  public func workSink(creditWindow: Int, batchLimit: Int) -> WorkSink {
    WorkSink(on: zeroMQ, identity: identity, keys: curveKeys, creditWindow: creditWindow, batchLimit: batchLimit)
  }

  var identity: LinkIdentity {
    LinkIdentity(service: service, instanceID: fleet.me.description, build: BuildInformation.version)
  }

  var security: SocketOptions.Security {
    .curveServer(secretKey: curveKeys.secretKey, domain: ZAPHandler.fleetDomain)
  }
}
