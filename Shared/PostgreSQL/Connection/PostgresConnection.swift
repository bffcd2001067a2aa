import CPostgreSQL
import EventThread
import Glibc

/// One connection to PostgreSQL, owned by an event thread.
///
/// Any number of tasks may use it at once: their requests go through a first-in-first-out queue into libpq's pipeline,
/// so that the next is sent before the previous answer has arrived. A failed request does not affect the others.
/// A lost connection stays lost; the pool opens a new one.
public actor PostgresConnection: PostgresSession {
  typealias Machine = ConnectionMachine<PostgresHandle, CheckedContinuation<Void, any Error>, TimerID>

  /// The meaning of a statement's name on this connection.
  private struct Prepared {
    let sql: String
    let types: [UInt32]
    /// False until the server has answered; other users of the statement wait for that.
    var isConfirmed: Bool
  }

  let eventThread: PostgresThread
  private let configuration: PostgresConfiguration
  private var onClose: (@Sendable () -> Void)?
  /// Called for each commit that no synchronous standby has confirmed.
  private let onUnconfirmed: (@Sendable () -> Void)?

  var machine = Machine()
  private var watched: (descriptor: Int32, interest: EpollReactor.Interest)?
  private var prepared: [String: Prepared] = [:]
  /// The session's current planning mode; nil when unknown.
  private var planning: PostgresPlanning? = .asConfigured

  /// Sent, oldest first; the next answers belong to the first one.
  var inFlight: [PostgresExchange] = []
  /// Not sent yet, oldest first.
  var waiting: [PostgresExchange] = []
  private var nextID: UInt64 = 1
  private var deadlineTimer: (id: TimerID, due: ContinuousClock.Instant)?

  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    eventThread.thread.asUnownedSerialExecutor()
  }

  init(
    _ configuration: PostgresConfiguration, on eventThread: PostgresThread, onClose: (@Sendable () -> Void)?,
    onUnconfirmed: (@Sendable () -> Void)?
  ) {
    self.configuration = configuration
    self.eventThread = eventThread
    self.onClose = onClose
    self.onUnconfirmed = onUnconfirmed
  }

  /// Connects.
  /// - Throws: `PostgresError` of code `connectionFailed` or `timedOut`.
  public static func connect(
    _ configuration: PostgresConfiguration, on eventThread: PostgresThread
  ) async throws -> PostgresConnection {
    let connection = PostgresConnection(configuration, on: eventThread, onClose: nil, onUnconfirmed: nil)
    try await connection.connect()
    return connection
  }

  /// Closes the connection. Pending requests fail with code `shutDown`.
  public func close() {
    close(PostgresError(.shutDown, "the connection was closed"))
  }

  // MARK: State

  /// Whether nothing is in progress and the connection is in its initial state for the next user.
  var isReusable: Bool {
    guard machine.isReusable, let handle else { return false }
    return inFlight.isEmpty && waiting.isEmpty && handle.isOutsideTransaction
  }

  var handle: PostgresHandle? { machine.link }

  var isInsideTransactionBlock: Bool { handle.map { !$0.isOutsideTransaction } ?? false }

  // MARK: Requests

  public func send(_ request: PostgresRequest) async throws -> PostgresReply {
    try await send(request, transaction: nil, role: .ordinary)
  }

  func send(
    _ request: PostgresRequest, transaction: UInt64?, role: PostgresExchange.Role, isShielded: Bool = false
  ) async throws -> PostgresReply {
    let id = makeID()
    if isShielded { return try await submit(request, id: id, transaction: transaction, role: role) }
    guard !Task.isCancelled else {
      throw PostgresError(.cancelled, "the task was cancelled", statement: request.name)
    }
    return try await withTaskCancellationHandler {
      try await submit(request, id: id, transaction: transaction, role: role)
    } onCancel: {
      Task { await self.stop(id, .cancelled) }
    }
  }

  func makeID() -> UInt64 {
    defer { nextID += 1 }
    return nextID
  }

  private func submit(
    _ request: PostgresRequest, id: UInt64, transaction: UInt64?, role: PostgresExchange.Role
  ) async throws -> PostgresReply {
    try await withCheckedThrowingContinuation { continuation in
      let timeout = request.timeout ?? configuration.requestTimeout
      let exchange = PostgresExchange(
        id: id, request: request, transaction: transaction, role: role, deadline: .now + timeout,
        continuation: continuation)
      if let refusal = refusal(of: exchange) {
        exchange.record(refusal)
        exchange.finish()
        return
      }
      waiting.append(exchange)
      arm(for: exchange.deadline)
      dispatch()
    }
  }

  private func refusal(of exchange: PostgresExchange) -> PostgresError? {
    if let error = machine.refusal(inside: exchange.role == .opens ? nil : exchange.transaction) { return error }
    if waiting.count >= PostgresLimits.exchangesWaiting {
      return PostgresError(.poolExhausted, "\(waiting.count) requests are already waiting for this connection")
    }
    for entry in exchange.entries {
      if let known = prepared[entry.name], known.sql != entry.sql || known.types != entry.values.types {
        return PostgresError(.misuse, "statement \(entry.name) was used before with different SQL or parameter types")
      }
    }
    if prepared.count >= PostgresLimits.preparedStatements {
      return PostgresError(.misuse, "\(prepared.count) statements are too many for one connection")
    }
    return nil
  }

  // MARK: Sending

  /// Sends what may be sent now, in order.
  func dispatch() {
    guard machine.maySend else { return }
    var hasSent = false
    while inFlight.count < PostgresLimits.exchangesInFlight, let index = nextToSend() {
      let exchange = waiting.remove(at: index)
      inFlight.append(exchange)
      hasSent = true
      guard send(exchange) else {
        close(lossError("the request could not be sent"))
        return
      }
    }
    if hasSent { flush() }
  }

  private func nextToSend() -> Int? {
    // An open transaction keeps the others waiting; its own requests overtake them.
    let index =
      machine.transaction.map { owner in waiting.firstIndex { $0.transaction == owner } } ?? waiting.indices.first
    guard machine.maySend, let index else { return nil }
    let exchange = waiting[index]
    if case .script = exchange.request.work, !inFlight.isEmpty { return nil }
    // Another request is preparing the same statement: its failure must not become ours.
    if exchange.entries.contains(where: { prepared[$0.name]?.isConfirmed == false }) { return nil }
    return index
  }

  private func send(_ exchange: PostgresExchange) -> Bool {
    guard let handle else { return false }
    if exchange.role == .opens, let opened = exchange.transaction, !machine.transactionBegan(opened) { return false }
    var steps: [PostgresExchange.Step] = []
    switch exchange.request.work {
    case .script(let sql):
      guard machine.scriptBegan(), handle.exitPipeline(), handle.sendScript(sql) else { return false }
      steps.append(.script)
    case .statements(let entries):
      for entry in entries where prepared[entry.name] == nil {
        // A separate sync keeps an error elsewhere from skipping the preparation.
        guard handle.sendPrepare(entry), handle.sendSync() else { return false }
        prepared[entry.name] = Prepared(sql: entry.sql, types: entry.values.types, isConfirmed: false)
        steps += [.prepare(entry.name), .sync]
      }
      for (index, entry) in entries.enumerated() {
        guard plan(entry.planning, with: handle, &steps) else { return false }
        guard handle.sendExecute(entry) else { return false }
        steps.append(.execute(index))
      }
      guard handle.sendSync() else { return false }
      steps.append(.sync)
    }
    exchange.expect(steps)
    return true
  }

  /// Sets the session's planning mode for a statement.
  private func plan(
    _ wanted: PostgresPlanning?, with handle: PostgresHandle, _ steps: inout [PostgresExchange.Step]
  ) -> Bool {
    guard let wanted, wanted != planning else { return true }
    for setting in wanted.settings {
      guard handle.sendSetting(setting) else { return false }
      steps.append(.setting)
    }
    // Settings made in a transaction are lost when it is rolled back.
    planning = machine.transaction == nil ? wanted : nil
    return true
  }

  private func flush() {
    guard let handle else { return }
    guard let hasMore = handle.flush() else {
      // The server's last messages before it closed may still be in the socket.
      receive()
      return
    }
    watch(hasMore ? [.read, .write] : .read)
  }

  // MARK: Receiving

  private func ready(_ readiness: EpollReactor.Readiness) {
    switch machine.state {
    case .connecting: connectStep()
    case .open:
      receive()
      if machine.isOpen, readiness.contains(.writable) { flush() }
    case .new, .closed: break
    }
  }

  private func receive() {
    guard let handle else { return }
    let isAlive = handle.consumeInput()
    var isOutOfStep = false
    var emptyResults = 0
    while let exchange = inFlight.first {
      let isBusy = handle.isBusy
      let result = isBusy ? nil : handle.nextResult()
      // Either call may have read the warning, which comes before the answer that ends the commit.
      if let sqlState = handle.takeUnconfirmed() {
        exchange.noteUnconfirmed(sqlState)
        onUnconfirmed?()
      }
      guard !isBusy else { break }
      if let result {
        emptyResults = 0
        note(result, in: exchange)
      } else {
        emptyResults += 1
        isOutOfStep = emptyResults > 1
        if isOutOfStep { break }
        exchange.endCommand()
      }
      if exchange.isComplete { complete(exchange) }
      guard machine.isOpen else { return }
    }
    if inFlight.isEmpty, isAlive { _ = handle.isBusy }
    if !isAlive || handle.isBad {
      close(lossError("the connection was lost"))
    } else if isOutOfStep {
      close(PostgresError(.connectionLost, "the server's answers are out of sync"))
    } else {
      dispatch()
    }
  }

  private func note(_ result: PostgresResult, in exchange: PostgresExchange) {
    switch result.status {
    case PGRES_PIPELINE_SYNC:
      exchange.endSync()
    case PGRES_PIPELINE_ABORTED:
      if case .prepare(let name)? = exchange.step { prepared[name] = nil }
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
      switch exchange.step {
      case .prepare(let name): prepared[name]?.isConfirmed = true
      case .setting: break
      default: exchange.record(result)
      }
    case PGRES_FATAL_ERROR, PGRES_NONFATAL_ERROR, PGRES_BAD_RESPONSE:
      var error = result.serverError()
      planning = nil
      if case .prepare(let name)? = exchange.step {
        prepared[name] = nil
      } else if error.sqlState == "0A000" || error.sqlState == "26000", exchange.request.isPrepared {
        // The table has changed under a prepared statement, or it was deallocated: prepare again elsewhere.
        machine.wear()
        error.needsFreshConnection = true
      }
      exchange.record(error)
    default:
      // COPY is not supported by this layer; leaving its state needs a new connection.
      exchange.record(PostgresError(.misuse, "COPY is not supported"))
      close(PostgresError(.misuse, "COPY is not supported"))
    }
  }

  private func complete(_ exchange: PostgresExchange) {
    inFlight.removeFirst()
    if machine.workEnded(), handle?.enterPipeline() != true {
      exchange.finish()
      close(lossError("the pipeline could not be entered again"))
      return
    }
    let endsTransaction = exchange.role == .closes || exchange.role == .opens && exchange.error != nil
    if endsTransaction, let ended = exchange.transaction { machine.transactionEnded(ended) }
    let isOrphanedSession = exchange.role == .opens && exchange.isAbandoned && exchange.error == nil
    exchange.finish()
    if isOrphanedSession {
      close(PostgresError(.connectionLost, "a transaction was opened after its deadline"))
    } else if case .script = exchange.request.work, machine.transaction == nil, isInsideTransactionBlock {
      close(PostgresError(.misuse, "script \(exchange.request.name) left a transaction open"))
    } else {
      endGrace()
      cancelAbandoned()
    }
  }

  /// Ends a transaction that could not be closed properly, along with the connection.
  func closeIfInside(_ transaction: UInt64, _ cause: any Error) {
    guard machine.transaction == transaction else { return }
    close(PostgresError(.connectionLost, "a transaction could not be ended", underlying: cause))
  }

  private func lossError(_ message: String) -> PostgresError {
    let words = handle?.message ?? ""
    return PostgresError(.connectionLost, words.isEmpty ? message : "\(message): \(words)")
  }

  // MARK: Deadlines

  private func arm(for deadline: ContinuousClock.Instant) {
    if let deadlineTimer {
      guard deadline < deadlineTimer.due else { return }
      eventThread.reactor.cancel(deadlineTimer.id)
    }
    let id = eventThread.reactor.after(max(.zero, ContinuousClock.now.duration(to: deadline))) { [weak self] in
      self?.assumeIsolated { $0.checkDeadlines() }
    }
    deadlineTimer = (id, deadline)
  }

  private func checkDeadlines() {
    deadlineTimer = nil
    let now = ContinuousClock.now
    for exchange in inFlight + waiting where exchange.deadline <= now { stop(exchange.id, .timedOut) }
    let next = (inFlight + waiting).lazy.filter { $0.stopReason == nil }.map(\.deadline).min()
    if let next { arm(for: next) }
  }

  // MARK: Connecting

  func connect() async throws {
    let parameters = configuration.completeParameters()
    let address = await BlockingCall.run { PostgresHandle.startConnecting(parameters) }
    let handle = PostgresHandle(address: address)
    // Closed while the name was looked up: the handle ends here.
    if case .closed(let error) = machine.state { throw error }
    guard let handle else { throw PostgresError(.connectionFailed, "libpq could not create a connection") }
    guard !handle.isBad else {
      let error = PostgresError(.connectionFailed, handle.message)
      close(error)
      throw error
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let timeout = configuration.attemptTimeout
        let timer = after(timeout) { $0.close(PostgresError(.timedOut, "no connection within \(timeout)")) }
        guard machine.begin(handle, for: continuation, until: timer) else {
          eventThread.reactor.cancel(timer)
          continuation.resume(throwing: PostgresError(.misuse, "the connection was opened before"))
          return
        }
        // libpq asks for a first wait for writing.
        watchAgain(.write)
      }
    } onCancel: {
      Task { await self.close(PostgresError(.cancelled, "the task was cancelled while connecting")) }
    }
  }

  private func connectStep() {
    guard case .connecting(let handle, _, _) = machine.state else { return }
    // The step may close this socket and open another of the same number.
    unwatch()
    switch handle.connectStep() {
    case .waitToRead: watchAgain(.read)
    case .waitToWrite: watchAgain(.write)
    case .connected:
      guard handle.enterPipeline() else {
        close(PostgresError(.connectionFailed, "the pipeline could not be entered"))
        return
      }
      watchAgain(.read)
      guard let (caller, timer) = machine.connected() else { return }
      eventThread.reactor.cancel(timer)
      caller.resume()
    case .failed:
      close(PostgresError(.connectionFailed, handle.message, sqlState: Self.sqlState(ofConnectFailure: handle.message)))
    }
  }

  /// libpq keeps the server's message of a failed attempt, but not the SQLSTATE.
  private static func sqlState(ofConnectFailure message: String) -> String? {
    if message.contains("starting up") || message.contains("shutting down") { return "57P03" }
    if message.contains("too many clients") || message.contains("remaining connection slots") { return "53300" }
    if message.contains("authentication failed") || message.contains("no password supplied") { return "28P01" }
    if message.contains("database") && message.contains("does not exist") { return "3D000" }
    if message.contains("role") && message.contains("does not exist") { return "28000" }
    if message.contains("no pg_hba.conf entry") { return "28000" }
    return nil
  }

  // MARK: Watching the socket

  private func watch(_ interest: EpollReactor.Interest) {
    guard let watched, watched.interest != interest else { return }
    eventThread.reactor.modify(watched.descriptor, interest: interest)
    self.watched?.interest = interest
  }

  /// Watches a duplicate of the socket: libpq closes its own without notice, and a closed descriptor can no longer be
  /// removed from the reactor.
  private func watchAgain(_ interest: EpollReactor.Interest) {
    guard let handle else { return }
    let duplicate = fcntl(handle.descriptor, F_DUPFD_CLOEXEC, 0)
    guard duplicate >= 0 else {
      close(PostgresError(.connectionFailed, "no descriptor for the connection: errno \(errno)"))
      return
    }
    eventThread.reactor.register(duplicate, interest: interest) { [weak self] readiness in
      self?.assumeIsolated { $0.ready(readiness) }
    }
    watched = (duplicate, interest)
  }

  private func unwatch() {
    guard let watched else { return }
    eventThread.reactor.remove(watched.descriptor)
    Glibc.close(watched.descriptor)
    self.watched = nil
  }

  // MARK: Closing

  /// Ends everything with an error; only the first call has an effect.
  func close(_ error: PostgresError) {
    guard let ended = machine.close(error) else { return }
    unwatch()
    if let deadlineTimer { eventThread.reactor.cancel(deadlineTimer.id) }
    deadlineTimer = nil
    if let timer = ended.timer { eventThread.reactor.cancel(timer) }
    let (sent, unsent) = (inFlight, waiting)
    inFlight = []
    waiting = []
    for exchange in sent { exchange.lose(error, wasSent: true) }
    for exchange in unsent { exchange.lose(error, wasSent: false) }
    if case .connecting(_, let caller, _) = ended { caller.resume(throwing: error) }
    onClose?()
    onClose = nil
  }

  func after(_ delay: Duration, _ body: @escaping @Sendable (isolated PostgresConnection) -> Void) -> TimerID {
    eventThread.reactor.after(delay) { [weak self] in
      self?.assumeIsolated { body($0) }
    }
  }
}
