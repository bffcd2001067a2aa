import CPostgreSQL

/// One request in progress on a connection: what was sent, which answers are expected, and what has arrived.
///
/// It belongs to the connection actor. Its steps mirror what libpq returns: a result and then `nil` for each command,
/// a single result for each sync.
final class PostgresExchange {
  enum Step {
    /// A session setting, so that the following statements are planned as requested.
    case setting
    case prepare(String)
    case execute(Int)
    case script
    case sync
  }

  /// The role of an exchange in the transaction that owns the connection.
  enum Role {
    case ordinary
    case opens
    case closes
  }

  let id: UInt64
  let request: PostgresRequest
  let transaction: UInt64?
  let role: Role
  let deadline: ContinuousClock.Instant
  private var continuation: CheckedContinuation<PostgresReply, any Error>?

  /// Set when the task was cancelled or the deadline passed while the exchange was in flight.
  var stopReason: PostgresError.Code?
  private var steps: [Step] = []
  private var position = 0
  private var results: [PostgresResult] = []
  private(set) var error: PostgresError?
  /// Whether an error occurred after every statement had succeeded.
  private var failedAtCommit = false
  /// The SQLSTATE of the warning that a commit of this exchange was not confirmed by a synchronous standby.
  private var unconfirmed: String?

  init(
    id: UInt64, request: PostgresRequest, transaction: UInt64?, role: Role, deadline: ContinuousClock.Instant,
    continuation: CheckedContinuation<PostgresReply, any Error>
  ) {
    self.id = id
    self.request = request
    self.transaction = transaction
    self.role = role
    self.deadline = deadline
    self.continuation = continuation
  }

  var entries: [PostgresBatch.Entry] {
    guard case .statements(let entries) = request.work else { return [] }
    return entries
  }

  var isAbandoned: Bool { continuation == nil }

  // MARK: Progress

  func expect(_ steps: [Step]) { self.steps = steps }

  var step: Step? { position < steps.count ? steps[position] : nil }

  var isComplete: Bool { position >= steps.count }

  /// Handles the end of the current command's results.
  func endCommand() {
    if case .sync? = step { return }
    position += 1
  }

  func endSync() {
    // Commands without results were skipped by the server after an error.
    while let step {
      position += 1
      if case .sync = step { return }
    }
  }

  func record(_ result: PostgresResult) {
    results.append(result)
  }

  /// Records the first error; later ones are its consequences.
  func record(_ failure: PostgresError) {
    guard error == nil else { return }
    var failure = failure
    switch step {
    case .prepare(let name): failure.statement = name
    case .execute(let index): failure.statement = entries[index].name
    case .script: failure.statement = request.name
    case .setting: failure.statement = request.name
    case .sync, nil: failedAtCommit = true
    }
    error = failure
  }

  /// Records that a commit of this exchange was not confirmed: it is reported as unknown, whatever the server answers.
  func noteUnconfirmed(_ sqlState: String) {
    unconfirmed = sqlState
  }

  // MARK: Ending

  /// Resumes the caller with the results.
  func finish() {
    if let unconfirmed {
      var failure = PostgresError(
        .commitUnconfirmed, "no synchronous standby has confirmed the commit", sqlState: unconfirmed,
        commitUnknown: true)
      // Of a script, a later statement.
      failure.underlying = error
      return fail(failure)
    }
    guard var error else {
      resume(.success(PostgresReply(results: results)))
      return
    }
    if let stopReason, error.sqlState == "57014" {
      error.underlying = PostgresError(.server, error.message, sqlState: error.sqlState)
      error.code = stopReason
      error.message = stopReason == .cancelled ? "the task was cancelled" : "the deadline has passed"
    }
    fail(error)
  }

  /// Resumes the caller of an exchange whose connection is lost. Sent work may have been committed, unless the server
  /// had refused it or a transaction was left open.
  func lose(_ cause: PostgresError, wasSent: Bool) {
    var loss = cause
    if let error {
      loss.sqlState = error.sqlState
      loss.underlying = error
    }
    let mayHaveCommitted = transaction == nil || role == .closes
    loss.commitUnknown =
      unconfirmed != nil || wasSent && mayHaveCommitted && role != .opens && (error == nil || failedAtCommit)
    fail(loss)
  }

  /// Resumes the caller immediately; further answers are read and dropped.
  func abandon(_ code: PostgresError.Code, _ message: String, wasSent: Bool) {
    let mayHaveCommitted = transaction == nil || role == .closes
    fail(PostgresError(code, message, commitUnknown: wasSent && mayHaveCommitted))
  }

  private func fail(_ error: PostgresError) {
    var error = error
    error.statement = error.statement ?? request.name
    error.place = request.place.description
    resume(.failure(error))
  }

  private func resume(_ outcome: Result<PostgresReply, any Error>) {
    continuation?.resume(with: outcome)
    continuation = nil
  }
}
