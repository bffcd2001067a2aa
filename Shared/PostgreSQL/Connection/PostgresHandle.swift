import CPostgreSQL
import Glibc

/// Owns one `PGconn`: each method is one libpq call and never blocks. It belongs to the connection actor.
final class PostgresHandle {
  enum ConnectStep {
    case waitToRead
    case waitToWrite
    case connected
    case failed
  }

  private let connection: OpaquePointer
  /// The SQLSTATE of a warning that a commit was not confirmed, until it is taken.
  private var unconfirmed: String?

  /// Begins to connect. It may resolve the host's name, so it is called where blocking is allowed.
  /// - Returns: the address of a `PGconn` to pass to `init(address:)`; 0 when out of memory.
  static func startConnecting(_ parameters: [String: String]) -> UInt {
    let pairs = parameters.sorted { $0.key < $1.key }
    let keywords = pairs.map { strdup($0.key) }
    let values = pairs.map { strdup($0.value) }
    defer { for text in keywords + values { free(text) } }
    let connection = PQconnectStartParams(
      keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 0)
    return UInt(bitPattern: connection)
  }

  /// Takes a connection over from `startConnecting`.
  init?(address: UInt) {
    guard let connection = OpaquePointer(bitPattern: address) else { return nil }
    self.connection = connection
    PQsetnonblocking(connection, 1)
    // The default prints notices, which may quote data, to standard error. Unretained: the connection ends with this object.
    PQsetNoticeReceiver(
      connection,
      { argument, notice in
        guard let argument, let sqlState = PostgresResult.sqlState(ofUnconfirmedCommit: notice) else { return }
        Unmanaged<PostgresHandle>.fromOpaque(argument).takeUnretainedValue().unconfirmed = sqlState
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit {
    PQfinish(connection)
  }

  var descriptor: Int32 { PQsocket(connection) }
  var isBad: Bool { PQstatus(connection) == CONNECTION_BAD }
  var isOutsideTransaction: Bool { PQtransactionStatus(connection) == PQTRANS_IDLE }

  /// libpq's message about the connection: host, user and database names, never data.
  var message: String {
    PQerrorMessage(connection).map { String(cString: $0) }?.split(separator: "\n").joined(separator: " ") ?? ""
  }

  // MARK: Steps

  func connectStep() -> ConnectStep {
    switch PQconnectPoll(connection) {
    case PGRES_POLLING_READING: .waitToRead
    case PGRES_POLLING_WRITING: .waitToWrite
    case PGRES_POLLING_OK: .connected
    default: .failed
    }
  }

  func enterPipeline() -> Bool { PQenterPipelineMode(connection) == 1 }
  func exitPipeline() -> Bool { PQexitPipelineMode(connection) == 1 }

  func sendPrepare(_ entry: PostgresBatch.Entry) -> Bool {
    entry.values.types.withUnsafeBufferPointer { types in
      PQsendPrepare(connection, entry.name, entry.sql, Int32(types.count), types.baseAddress) == 1
    }
  }

  func sendExecute(_ entry: PostgresBatch.Entry) -> Bool {
    entry.values.withPointers { values, lengths, formats in
      PQsendQueryPrepared(connection, entry.name, Int32(entry.values.count), values, lengths, formats, 1) == 1
    }
  }

  func sendSetting(_ sql: String) -> Bool { PQsendQueryParams(connection, sql, 0, nil, nil, nil, nil, 1) == 1 }
  func sendScript(_ sql: String) -> Bool { PQsendQuery(connection, sql) == 1 }
  func sendSync() -> Bool { PQpipelineSync(connection) == 1 }

  /// - Returns: whether data is left to be written; `nil` when the connection is lost.
  func flush() -> Bool? {
    switch PQflush(connection) {
    case 0: false
    case 1: true
    default: nil
    }
  }

  /// - Returns: false when the connection is lost.
  func consumeInput() -> Bool { PQconsumeInput(connection) == 1 }

  /// Whether the next result is not complete yet.
  var isBusy: Bool { PQisBusy(connection) != 0 }

  /// Returns the next result; `nil` ends those of one command. Only when not busy.
  func nextResult() -> PostgresResult? {
    PQgetResult(connection).map(PostgresResult.init)
  }

  /// The SQLSTATE of the warning that a commit was not confirmed by a synchronous standby; nil if there was none since the last call. libpq
  /// reads it before the answer that ends the commit, so it belongs to the oldest request without an end.
  func takeUnconfirmed() -> String? {
    defer { unconfirmed = nil }
    return unconfirmed
  }

  // MARK: Cancelling

  /// Returns a handle for another thread to cancel this connection's work; 0 when unavailable.
  func makeCancelAddress() -> UInt {
    UInt(bitPattern: PQgetCancel(connection))
  }

  /// Asks the server, over a separate connection, to cancel. Blocks.
  static func cancelBlocking(address: UInt) {
    guard let cancel = OpaquePointer(bitPattern: address) else { return }
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
      _ = PQcancel(cancel, message.baseAddress, Int32(message.count))
    }
    PQfreeCancel(cancel)
  }
}
