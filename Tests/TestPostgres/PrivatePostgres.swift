import Glibc
public import PostgreSQL

/// A private PostgreSQL server for tests, in a temporary folder, reached only through its Unix socket.
///
/// `shared()` starts one per test process; a watchdog stops it and removes its folder when the process ends, however it
/// ends. With FRONTDESK_TEST_POSTGRES set to the connection information of a server (whose user may create databases),
/// that server is used instead. Tests that stop and restart a server create their own.
public actor PrivatePostgres {
  let folder: String
  private let given: PostgresConfiguration?
  /// The pipe read by the watchdog: its closing, by us or by our death, is the signal.
  private var watchdogInput: Int32 = -1
  private var watchdog: pid_t = 0
  private var databases = 0
  private var isRunning = false

  /// Started at first access.
  private static let starting = Task { try await PrivatePostgres.make(isShared: true) }

  /// Returns the server of this process, started at the first call.
  public static func shared() async throws -> PrivatePostgres {
    try await starting.value
  }

  /// Returns a separate running server; call `remove()` at the end.
  public static func own() async throws -> PrivatePostgres {
    try await make(isShared: false)
  }

  /// - Parameter primary: the folder of the server that it becomes a standby of; nil for a server of its own.
  static func make(isShared: Bool, standbyOf primary: String? = nil) async throws -> PrivatePostgres {
    if isShared, let text = getenv("FRONTDESK_TEST_POSTGRES").map({ String(cString: $0) }), !text.isEmpty {
      return PrivatePostgres(folder: "", given: try PostgresConfiguration(text))
    }
    var template = Array("/tmp/frontdesk-pg-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw PrivatePostgresError("no temporary folder: errno \(errno)") }
    let folder = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    let server = PrivatePostgres(folder: folder, given: nil)
    if let primary { try await server.copy(from: primary) } else { try await server.initialize() }
    try await server.start()
    return server
  }

  private init(folder: String, given: PostgresConfiguration?) {
    self.folder = folder
    self.given = given
  }

  /// The maintenance database of the server.
  public var configuration: PostgresConfiguration {
    get throws {
      if let given { return given }
      var configuration = try PostgresConfiguration("host=\(folder) port=5432 user=postgres dbname=postgres")
      configuration.connectTimeout = Self.patience
      return configuration
    }
  }

  /// Returns one more connection to the maintenance database, for what the tested code is not to see.
  public func observer() throws -> PostgresPool {
    var limits = PostgresPoolLimits(connectionsMinimum: 0, connectionsMaximum: 1)
    limits.waitTimeout = Self.patience
    return PostgresPool(try configuration, limits: limits)
  }

  /// How long a connection may take: many suites start at once on few cores.
  private static let patience: Duration = .seconds(60)

  /// Creates a database for one suite.
  /// - Parameter template: the database that is copied; nobody may be connected to it. Nil for an empty database.
  public func createDatabase(copying template: String? = nil) async throws -> PostgresConfiguration {
    databases += 1
    let name = lastDatabase
    let configuration = try configuration
    let thread = PostgresThread(name: "create database")
    do {
      let connection = try await PostgresConnection.connect(configuration, on: thread)
      try await connection.executeScript("CREATE DATABASE \(name)\(template.map { " TEMPLATE \($0)" } ?? "")")
      await connection.close()
    } catch {
      await thread.stop()
      throw error
    }
    await thread.stop()
    var database = configuration.database(name)
    database.connectTimeout = Self.patience
    return database
  }

  /// The name of the last database that was created.
  public var lastDatabase: String { "test_\(getpid())_\(databases)" }

  // MARK: Starting and stopping

  /// Starts the server and waits until it answers.
  public func start() async throws {
    guard !isRunning, given == nil else { return }
    try run(
      "$bin/pg_ctl --pgdata=$folder/data --log=$folder/log --wait --timeout=60 --silent start >/dev/null 2>&1")
    isRunning = true
  }

  /// Stops the server as a power failure would, from the connections' point of view.
  public func stopImmediately() async throws {
    guard isRunning else { return }
    try run("$bin/pg_ctl --pgdata=$folder/data --mode=immediate --wait --silent stop >/dev/null 2>&1")
    isRunning = false
  }

  /// Makes a standby a server of its own.
  public func promote() throws {
    try run("$bin/pg_ctl --pgdata=$folder/data --wait --timeout=60 --silent promote >/dev/null 2>&1")
  }

  /// Stops the server permanently and removes its folder.
  public func remove() async {
    guard watchdogInput >= 0 else { return }
    close(watchdogInput)
    watchdogInput = -1
    var status: Int32 = 0
    while waitpid(watchdog, &status, 0) < 0, errno == EINTR {}
    isRunning = false
  }

  private func initialize() throws {
    startWatchdog()
    try run(
      """
      [ "$(id -u)" != 0 ] || chown postgres "$folder"
      $bin/initdb --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
        --no-sync >"$folder.initdb" 2>&1 && rm "$folder.initdb"
      cat >>"$folder/data/postgresql.conf" <<'END'
      listen_addresses = ''
      unix_socket_directories = '\(folder)'
      unix_socket_permissions = 0777
      port = 5432
      max_connections = 100
      shared_buffers = 64MB
      fsync = off
      END
      """)
  }

  /// The name under which a standby connects to its primary.
  static let standbyName = "standby"

  /// A shell that waits for the end of its input, when this process closes it or dies, and then cleans up.
  func startWatchdog() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    // Neither the server nor any other child may keep the writing end open after us.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let script =
      Self.preamble(folder) + """
        trap '' INT TERM HUP
        cat >/dev/null
        $bin/pg_ctl --pgdata="$folder/data" --mode=immediate --silent stop >/dev/null 2>&1
        rm -rf "$folder" "$folder.initdb"
        """
    watchdog = Self.spawn(script, input: ends[0]) ?? 0
    close(ends[0])
    watchdogInput = ends[1]
  }

  // MARK: Shell

  /// `$bin` runs the newest PostgreSQL found, as `postgres` when we are root, because it refuses to run as root.
  private static func preamble(_ folder: String) -> String {
    """
    folder='\(folder)'
    found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
    [ -n "$found" ] || found=$(dirname "$(command -v pg_ctl)")
    bin="$found"
    [ "$(id -u)" != 0 ] || bin="runuser -u postgres -- $found"
    cd "$folder" || exit 1

    """
  }

  func run(_ script: String) throws {
    let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
    defer { close(null) }
    guard let child = Self.spawn("set -e\n" + Self.preamble(folder) + script, input: null) else {
      throw PrivatePostgresError("no shell could be started")
    }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else { throw PrivatePostgresError("a command of the test server failed; see \(folder)/log") }
  }

  private static func openDescriptors() -> [Int32] {
    guard let folder = opendir("/proc/self/fd") else { return [] }
    defer { closedir(folder) }
    var descriptors: [Int32] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let number = Int32(name) { descriptors.append(number) }
    }
    return descriptors
  }

  private static func spawn(_ script: String, input: Int32) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    // A server that inherited a test's sockets would keep their peers from ever seeing them close.
    for descriptor in openDescriptors() where descriptor > 2 && descriptor != input {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    // A separate process group: Ctrl-C on the tests must not kill the watchdog before it has cleaned up.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
    // The threads that run tasks block most signals; a server that inherited that could not be signalled.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setpgroup(&attributes, 0)
    let words: [String] = ["sh", "-c", script]
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    var child: pid_t = 0
    let status = posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments + [nil], environ)
    return status == 0 ? child : nil
  }
}

/// The reason the test server is not available.
public struct PrivatePostgresError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
