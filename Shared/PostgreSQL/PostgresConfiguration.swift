import CPostgreSQL

/// The database's address and the connection's settings.
public struct PostgresConfiguration: Sendable {
  /// How long a connection attempt may take; with several hosts, a first attempt at each takes a share of it.
  public var connectTimeout: Duration = .seconds(5)

  /// The default time limit of a call from submission to answer. On reaching it the client cancels
  /// the statement.
  public var requestTimeout: Duration = .seconds(30)

  /// The server's own limit for one statement, in case the client has disconnected; longer than `requestTimeout`.
  public var statementTimeout: Duration = .seconds(60)

  /// How long a statement waits for a lock.
  public var lockTimeout: Duration = .seconds(5)

  /// The idle time after which the server ends an open transaction, since an old snapshot slows every queue down.
  public var idleInTransactionTimeout: Duration = .seconds(15)

  /// libpq's keywords and values, as given.
  private var parameters: [String: String]

  /// The position in the list of hosts at which an attempt begins; beyond the end it is counted from the start again.
  ///
  /// libpq tries the hosts in order and goes on where one refuses, but a host that neither answers nor refuses, because it was cut off or
  /// has been stopped, takes the whole time of the attempt. `passOver()` then makes the next attempt begin behind it.
  private(set) var firstHost = 0

  /// - Parameter connectionInformation: libpq's `keyword=value` pairs or a `postgresql://` URL. What it omits is
  ///   taken from libpq's environment variables (`PGHOST`, …) and then from this layer's defaults. Unless the server
  ///   is reached through a socket folder or the loopback interface, `sslmode` is `verify-full` by default, and
  ///   `sslrootcert` must name the certificate authority.
  /// - Throws: `PostgresError` of code `configuration`; it does not quote the text, which may contain a password.
  public init(_ connectionInformation: String) throws(PostgresError) {
    guard let options = PQconninfoParse(connectionInformation, nil) else {
      throw PostgresError(.configuration, "the connection information is invalid")
    }
    parameters = Self.values(of: options)
    PQconninfoFree(options)
    if let problem = listProblem { throw PostgresError(.configuration, problem) }
  }

  /// What libpq would find wrong with the lists of hosts and ports only when it connects; nil if nothing is.
  private var listProblem: String? {
    let hosts = [parameters["host"], parameters["hostaddr"]].compactMap(\.self).map { Self.items(of: $0).count }
    if hosts.count == 2, hosts[0] != hosts[1] {
      return
        "the connection information has \(hosts[0]) values of host and \(hosts[1]) of hostaddr: give as many of both"
    }
    guard let list = parameters["port"] else { return nil }
    let ports = Self.items(of: list)
    guard ports.allSatisfy({ $0.isEmpty || UInt16($0).map { $0 > 0 } == true }) else {
      return "the port in the connection information is not a number from 1 to 65535"
    }
    let count = hosts.first ?? 1
    guard ports.count == 1 || ports.count == count else {
      return
        "the connection information has \(ports.count) ports for \(count) hosts: give one port, or one for each host"
    }
    return nil
  }

  /// Accesses the value of a libpq keyword; `nil` uses the default.
  public subscript(keyword: String) -> String? {
    get { parameters[keyword] }
    set { parameters[keyword] = newValue }
  }

  /// The program's name in `pg_stat_activity`.
  public var applicationName: String? {
    get { parameters["application_name"] }
    set { parameters["application_name"] = newValue }
  }

  /// Returns the same server with another database.
  public func database(_ name: String) -> PostgresConfiguration {
    var other = self
    other.parameters["dbname"] = name
    return other
  }

  /// Host, port and database for logs, never a password.
  public var endpoint: String {
    let complete = completeParameters()
    return "\(complete["host"] ?? "local socket") port \(complete["port"] ?? "5432")"
      + " database \(complete["dbname"] ?? "of the user")"
  }

  /// Whether no one on the network can read or tamper: the server is on this machine, or its certificate is checked
  /// against its name.
  public var isPrivate: Bool {
    let complete = completeParameters()
    return Self.isLocal(host: complete["hostaddr"] ?? complete["host"]) || complete["sslmode"] == "verify-full"
  }

  // MARK: Several hosts

  /// How long the next attempt may take. The share of each host is short, so that a caller who waits for a connection finds the living
  /// host; once all have had theirs, the network is slow, and each attempt has the whole time.
  var attemptTimeout: Duration {
    let hosts = hostCount
    guard hosts > 1, firstHost < hosts else { return connectTimeout }
    return min(connectTimeout, max(PostgresLimits.hostTimeout, connectTimeout / hosts))
  }

  /// An attempt has taken all its time: the next one begins at the next host.
  mutating func passOver() {
    firstHost += 1
  }

  /// An attempt has succeeded: the next one begins at the same host.
  mutating func stay() {
    firstHost %= hostCount
  }

  private var hostCount: Int {
    let complete = completeParameters()
    return (complete["hostaddr"] ?? complete["host"]).map { Self.items(of: $0).count } ?? 1
  }

  /// The items of a list of libpq; never empty.
  private static func items(of list: String) -> [Substring] {
    // By bytes, as libpq splits them.
    list.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map(Substring.init)
  }

  // MARK: Parameters for libpq

  /// The given parameters over this layer's defaults.
  func completeParameters() -> [String: String] {
    var complete: [String: String] = [
      "application_name": "frontdesk",
      "keepalives": "1",
      "keepalives_idle": "10",
      "keepalives_interval": "5",
      "keepalives_count": "3",
      "tcp_user_timeout": "15000",
    ]
    let surroundings = Self.environment()
    for keyword in ["host", "hostaddr", "port", "dbname", "sslmode"] { complete[keyword] = surroundings[keyword] }
    // libpq defaults to `prefer`, which authenticates nothing.
    if complete["sslmode"] == "prefer" { complete["sslmode"] = nil }
    complete.merge(parameters) { _, given in given }
    if complete["sslmode"] == nil, !Self.isLocal(host: complete["hostaddr"] ?? complete["host"]) {
      complete["sslmode"] = "verify-full"
    }
    let settings = [
      ("statement_timeout", statementTimeout), ("lock_timeout", lockTimeout),
      ("idle_in_transaction_session_timeout", idleInTransactionTimeout),
    ]
    // Only a warning says that no standby has confirmed a commit; see `PostgresDurability`.
    let options = settings.map { "-c \($0)=\($1.wholeMilliseconds)" } + ["-c client_min_messages=warning"]
    // Given options come last and therefore win.
    complete["options"] = (options + [parameters["options"]].compactMap(\.self)).joined(separator: " ")
    complete["client_encoding"] = "UTF8"
    // PQconnectPoll ignores it; the connection enforces the time itself.
    complete["connect_timeout"] = nil
    for keyword in ["host", "hostaddr", "port"] { complete[keyword] = complete[keyword].map(beginningAtFirstHost) }
    return complete
  }

  /// Rotates a list of libpq. A list of one applies to all hosts.
  private func beginningAtFirstHost(_ list: String) -> String {
    let items = Self.items(of: list)
    let first = firstHost % items.count
    return (items[first...] + items[..<first]).joined(separator: ",")
  }

  /// Whether every host of the list is a socket folder or the loopback interface.
  static func isLocal(host: String?) -> Bool {
    guard let host, !host.isEmpty else { return true }
    return items(of: host).allSatisfy { name in
      name.isEmpty || name.utf8.first == UInt8(ascii: "/") || name.utf8.first == UInt8(ascii: "@")
        || name == "localhost" || name == "::1" || isLoopbackAddress(name)
    }
  }

  /// 127.0.0.0/8 in dotted form; a name that merely begins with `127.` is not one.
  private static func isLoopbackAddress(_ name: Substring) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  private static func environment() -> [String: String] {
    guard let options = PQconndefaults() else { return [:] }
    defer { PQconninfoFree(options) }
    return values(of: options)
  }

  private static func values(of options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
    var values: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    return values
  }
}

extension Duration {
  /// For settings that PostgreSQL counts in milliseconds; at least 1, because 0 means no limit there.
  var wholeMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    return max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
  }
}
