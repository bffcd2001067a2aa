import CommandLineTool
import Foundation
import PostgreSQL
import Store

/// The desk's own PostgreSQL server: durable, reached only through a Unix socket, and only with a password.
///
/// It runs independently of `up`, not as its child, so that committed data survives whatever happens to `up`; the next `up` takes
/// it over.
package struct LocalPostgres: Sendable {
  /// The folder of `initdb` and the other programs.
  let binaries: String
  /// The folder with `data`, `server.log` and, where its path is short enough, the socket.
  let home: String
  let socketFolder: String
  private let superuserPassword: String
  private let deskPassword: String
  private let servicePassword: String
  /// In addition to ours, and instead of those with the same name.
  private let settings: [PostgresSetting]

  package static let port = 5432
  /// Owns the database: used for migrations and operators' commands.
  private static let role = "desk"
  /// The services' role: it has the rights that their statements need, and none on the schema, the keys, the policy or the audit.
  private static let serviceRole = "desk_service"
  /// The name of the server's user in Debian's package.
  package static let systemUser = "postgres"
  package static var isRoot: Bool { getuid() == 0 }

  private var dataFolder: PostgresDataFolder { PostgresDataFolder(home: home) }
  package var data: String { dataFolder.path }
  package var log: String { "\(home)/server.log" }
  /// The file in which the server records its process id.
  var lockFile: String { "\(data)/postmaster.pid" }
  private var hold: ServerHold { ServerHold(home: home) }

  /// The connection string for operators' commands.
  var connectionInformation: String {
    connectionInformation(
      user: LocalPostgres.role, password: deskPassword, database: LocalPostgres.role, folder: socketFolder)
  }

  /// Returns the connection string for services.
  /// - Parameter detour: the folder of a proxy's socket; nil for the server's own.
  func serviceConnectionInformation(through detour: String?) -> String {
    connectionInformation(
      user: LocalPostgres.serviceRole, password: servicePassword, database: LocalPostgres.role,
      folder: detour ?? socketFolder)
  }

  /// Finds the programs and a folder for the data; starts nothing.
  /// - Parameter settings: for the server when it starts.
  package init(folder: DeskFolder, settings: [PostgresSetting] = []) async throws {
    self.settings = settings
    binaries = try PostgresBinaries.find()
    superuserPassword = try folder.secret("postgres-superuser")
    deskPassword = try folder.secret("postgres-desk")
    servicePassword = try folder.secret("postgres-service")
    home = try await LocalPostgres.home(in: folder)
    // A server left running by an earlier `up` stays where it is.
    if let running = LocalPostgres.running(data: "\(home)/data"), let folder = running.socketFolder {
      socketFolder = folder
    } else {
      socketFolder = try DeskFolder.socketFolder(preferring: home, socketName: ".s.PGSQL.\(LocalPostgres.port).lock")
      if LocalPostgres.isRoot, socketFolder != home { try await LocalPostgres.giveAway(socketFolder) }
    }
  }

  private func connectionInformation(user: String, password: String, database: String, folder: String) -> String {
    let (host, secret) = (PostgresQuoting.keyword(folder), PostgresQuoting.keyword(password))
    return "host=\(host) port=\(LocalPostgres.port) dbname=\(database) user=\(user) password=\(secret)"
  }
}

// MARK: - Its location

extension LocalPostgres {
  /// Returns the data folder: in the desk's folder, or in `/var/tmp` when we are root and PostgreSQL's user has no access here.
  private static func home(in folder: DeskFolder) async throws -> String {
    let wanted = folder.postgres
    if FileManager.default.fileExists(atPath: wanted) {
      return realPath(wanted)
    }
    guard isRoot else {
      try PrivateFile.makeFolder(wanted)
      return realPath(wanted)
    }
    // Search permission is enough; the folder's content stays private to its owner.
    chmod(folder.path, 0o711)
    if await mayPass(folder.path) {
      try PrivateFile.makeFolder(wanted)
      try await giveAway(wanted)
      return realPath(wanted)
    }
    let elsewhere = try DeskFolder.temporaryFolder(in: "/var/tmp")
    try await giveAway(elsewhere)
    guard symlink(elsewhere, wanted) == 0 else { throw PrivateFile.failure("make", wanted) }
    return elsewhere
  }

  private static func realPath(_ path: String) -> String {
    guard let text = realpath(path, nil) else { return path }
    defer { free(text) }
    return String(cString: text)
  }

  private static func mayPass(_ folder: String) async -> Bool {
    await ShellCommand(program: "runuser", arguments: ["-u", systemUser, "--", "test", "-x", folder]).succeeds()
  }

  private static func giveAway(_ folder: String) async throws {
    try await ShellCommand(program: "chown", arguments: ["\(systemUser):", folder]).run()
  }
}

// MARK: - Starting and stopping

extension LocalPostgres {
  /// Whether the server runs, according to its pid file.
  package var isRunning: Bool { processID != nil }

  /// Returns the process id of the server; nil when none runs on this data.
  package var processID: Int32? { LocalPostgres.running(data: data)?.processID }

  private static func running(data: String) -> PostmasterFile? {
    guard let file = PrivateFile.text(path: "\(data)/postmaster.pid").flatMap({ PostmasterFile($0) }) else {
      return nil
    }
    // After a machine crash the number may be another process's, and a dead process may not have been reaped: only the
    // server works in its data folder.
    let workingFolder = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(file.processID)/cwd")
    return workingFolder == data ? file : nil
  }

  /// Starts the server and waits until it answers; does nothing when one is running and answers.
  ///
  /// After all processes of a desk were killed at once, locks of the old server may name a process that has not been reaped yet, and its
  /// children may still hold the shared memory. The server then refuses to start, and is retried for some seconds. A lock is removed only
  /// if its number belongs to a process that is known to be another (`LockOwner`) and its server is proved to have exited
  /// (`ServerHold`): everything else is left to PostgreSQL.
  ///
  /// - Parameter again: called before each retry, with the server's message; by default a pause.
  /// - Throws: `CommandFailure` with the server's last message and its remedy, or when the data folder has content that is neither a
  ///   cluster nor left by an interrupted `initdb` of this desk.
  package func start(
    again: (PostgresRefusal) async throws -> Void = { _ in try await Task.sleep(for: UpBounds.postgresLockPause) }
  ) async throws {
    if dataFolder.isMissing { try await initialize() }
    let deadline = ContinuousClock.now + UpBounds.postgresLockPatience
    while let processID {
      // A server that is just being killed remains visible briefly.
      if isAnswering { return }
      guard ContinuousClock.now < deadline else {
        throw CommandFailure(
          "PostgreSQL (process \(processID)) is running and does not answer in \(socketFolder)",
          remedy: "stop it, then start again; its log is \(log)")
      }
      try await Task.sleep(for: UpBounds.postgresLockPause)
    }
    try writeSettings()
    while true {
      let logged = PrivateFile.size(path: log)
      do {
        try await run(
          "pg_ctl",
          ["start", "--log=\(log)", "--wait", "--timeout=\(UpBounds.postgresStartSeconds)"] + controlOptions,
          holds: true)
        return try hold.note(lockFile: lockFile)
      } catch let failure as CommandFailure {
        guard let refusal = refusal(since: logged) else { throw failure }
        guard refusal.mayPass, ContinuousClock.now < deadline else {
          throw CommandFailure(
            "PostgreSQL did not start: \(refusal.fatal)", remedy: "\(refusal.remedy); its log is \(log)")
        }
        removeStrangersLock(refusal)
        try await again(refusal)
      }
    }
  }

  /// Whether the server responds: to SSLRequest, the shortest message of its protocol ("Message Formats"), which it answers in every
  /// state, including recovery.
  var isAnswering: Bool {
    UnixSocket.answers(
      [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F], at: "\(socketFolder)/.s.PGSQL.\(LocalPostgres.port)")
  }

  /// Returns the server's last message since its log had `offset` bytes.
  private func refusal(since offset: UInt64) -> PostgresRefusal? {
    guard let handle = FileHandle(forReadingAtPath: log), (try? handle.seek(toOffset: offset)) != nil,
      let bytes = try? handle.read(upToCount: UpBounds.postgresLogBytes)
    else { return nil }
    // For people: bytes that are not UTF-8 are shown as such.
    return PostgresRefusal(log: String(decoding: bytes, as: UTF8.self))
  }

  private func removeStrangersLock(_ refusal: PostgresRefusal) {
    guard let named = refusal.lockFile else { return }
    let path = named.hasPrefix("/") ? named : "\(data)/\(named)"
    if LockOwner(path: path, data: data) == .stranger { _ = hold.remove(lockFile: path) }
  }

  /// Removes the socket's folder where it is in `/tmp`, after the server has stopped.
  func removeSocketFolder() {
    if socketFolder != home { rmdir(socketFolder) }
  }

  /// Stops the server: open transactions are rolled back, everything committed is on disk.
  /// - Parameter mode: `fast`, or `immediate` to skip the checkpoint; the next start then recovers.
  package func stop(mode: String = "fast") async throws {
    guard isRunning else { return }
    try await control("stop", "--mode=\(mode)", "--wait", "--timeout=\(UpBounds.postgresStopSeconds)")
  }

  private var controlOptions: [String] { ["--pgdata=\(data)", "--silent"] }

  private func control(_ words: String...) async throws {
    try await run("pg_ctl", words + controlOptions)
  }

  /// - Parameter holds: whether the program and its descendants hold the server's lock file (`ServerHold`).
  private func run(_ program: String, _ arguments: [String], holds: Bool = false) async throws {
    let call =
      (holds ? ["sh", "-c", ServerHold.script, hold.path] : []) + ["\(binaries)/\(program)"] + arguments
    let command =
      LocalPostgres.isRoot
      ? ShellCommand(program: "runuser", arguments: ["-u", LocalPostgres.systemUser, "--"] + call)
      : ShellCommand(program: "env", arguments: ["--"] + call)
    do {
      try await command.run()
    } catch let failure as CommandFailure {
      throw CommandFailure("PostgreSQL: \(failure.problem)", remedy: "see \(log)")
    }
  }

  private func initialize() async throws {
    try dataFolder.begin()
    let passwordFile = "\(home)/password"
    try PrivateFile.write(Data("\(superuserPassword)\n".utf8), path: passwordFile)
    defer { unlink(passwordFile) }
    if LocalPostgres.isRoot { try await LocalPostgres.giveAway(passwordFile) }
    try await run(
      "initdb",
      [
        "--pgdata=\(data)", "--username=postgres", "--auth=scram-sha-256", "--pwfile=\(passwordFile)",
        "--encoding=UTF8",
        "--locale=C.UTF-8", "--data-checksums",
      ])
    try dataFolder.finish()
  }

  /// Writes the settings at each start: the socket's location and the memory may have changed, and a newer build may have other settings.
  private func writeSettings() throws {
    let main = "\(data)/postgresql.conf"
    let included = "include_if_exists = 'frontdesk.conf'"
    // As bytes: an operator's additions stay unchanged, in whatever encoding.
    let bytes = FileManager.default.contents(atPath: main) ?? Data()
    // In place, not by replacing: the files belong to PostgreSQL's user.
    if bytes.range(of: Data(included.utf8)) == nil { try overwrite(main, bytes + Data("\n\(included)\n".utf8)) }
    let text =
      PostgresSettings.text(socketFolder: socketFolder, memory: HostMemory.bytes)
      + settings.map { "\($0.line)\n" }.joined()
    try overwrite("\(data)/frontdesk.conf", Data(text.utf8))
  }

  private func overwrite(_ path: String, _ bytes: Data) throws {
    let isNew = !FileManager.default.fileExists(atPath: path)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw PrivateFile.failure("write", path) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: bytes)
    guard isNew, LocalPostgres.isRoot else { return }
    let owner = try FileManager.default.attributesOfItem(atPath: data)
    if let user = owner[.ownerAccountID] as? NSNumber, let group = owner[.groupOwnerAccountID] as? NSNumber {
      fchown(descriptor, user.uint32Value, group.uint32Value)
    }
  }
}

// MARK: - The database

extension LocalPostgres {
  /// Creates the roles and the database of the desk, migrates the schema, and grants services their rights.
  /// - Returns: the numbers of the applied steps.
  func prepareDatabase() async throws -> [Int32] {
    let superuser = connectionInformation(
      user: "postgres", password: superuserPassword, database: "postgres", folder: socketFolder)
    try await DeskConnection.withStore(superuser) { store in
      // The secret consists of letters, digits, '-' and '_' only.
      let role = LocalPostgres.role
      for (name, password) in [(role, deskPassword), (LocalPostgres.serviceRole, servicePassword)] {
        let verb = try await store.pool.query(LocalPostgres.roleExists, [name]).isEmpty ? "CREATE" : "ALTER"
        try await store.pool.executeScript("\(verb) ROLE \(name) LOGIN PASSWORD '\(password)'", name: "desk_role")
      }
      // The desk's owner role may terminate services' connections.
      try await store.pool.executeScript("GRANT \(LocalPostgres.serviceRole) TO \(role)", name: "desk_membership")
      if try await store.pool.query(LocalPostgres.databaseExists, [role]).isEmpty {
        try await store.pool.executeScript("CREATE DATABASE \(role) OWNER \(role)", name: "desk_database")
      }
    }
    return try await DeskConnection.withStore(connectionInformation) { store in
      let applied = try await PostgresMigrator(DeskMigrations.all).migrate(store.pool)
      try await store.access.grantService(to: LocalPostgres.serviceRole)
      // Before the services start: creating them later would hold up the first messages, which would stay in the default partition.
      _ = try await store.privacy.ensurePartitions()
      return applied
    }
  }

  private static let roleExists = PostgresStatement<Int32>(
    "role_exists", "SELECT 1 FROM pg_roles WHERE rolname = $1")

  private static let databaseExists = PostgresStatement<Int32>(
    "database_exists", "SELECT 1 FROM pg_database WHERE datname = $1")
}
