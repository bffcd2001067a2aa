import DeskCore
import Foundation
import ServiceHealth
import TestKit
import Testing

@testable import DeskSupervisor

@Suite("Reasons why PostgreSQL does not start")
struct PostgresRefusalTests {
  @Test(
    arguments: [
      (
        """
        2026-03-02 10:00:00 UTC [7] FATAL:  lock file "postmaster.pid" already exists
        """, true, "postmaster.pid"
      ),
      (
        """
        2026-03-02 10:00:00 UTC [7]  FATAL:  the database system is starting up
        2026-03-02 10:00:00 UTC [8]  FATAL:  lock file "/tmp/frontdesk-a b/.s.PGSQL.5432.lock" already exists\r
        2026-03-02 10:00:00 UTC [8]  LOG:  database system is shut down
        """, true, "/tmp/frontdesk-a b/.s.PGSQL.5432.lock"
      ),
      ("x FATAL:  lock file \"postmaster.pid\" is empty", true, "postmaster.pid"),
      ("x FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use", true, nil),
      ("x FATAL:  could not write lock file \"postmaster.pid\": No space left on device", false, nil),
      ("x FATAL:  database files are incompatible with server", false, nil),
      ("x PANIC:  could not locate a valid checkpoint record", false, nil),
    ] as [(String, Bool, String?)])
  func theLastFatalLogLineIsRead(_ log: String, mayPass: Bool, lockFile: String?) throws {
    let refusal = try #require(PostgresRefusal(log: log))
    #expect(refusal.mayPass == mayPass && refusal.lockFile == lockFile)
    #expect(!refusal.fatal.contains("FATAL") && !refusal.remedy.isEmpty)
  }

  @Test(arguments: ["", "LOG:  database system is ready", "FATAL:", "\u{FFFD}"])
  func aLogWithoutAReasonGivesNoRefusal(_ log: String) {
    #expect(PostgresRefusal(log: log) == nil)
  }
}

@Suite("Quoting for PostgreSQL")
struct PostgresQuotingTests {
  @Test func aQuoteBeforeACombiningMarkIsEscaped() {
    #expect(PostgresQuoting.keyword("a'\u{301} user=x\\").utf8.elementsEqual("'a\\'\u{301} user=x\\\\'".utf8))
    #expect(
      PostgresQuoting.folderSetting("/a,'\u{301}\"\n").utf8.elementsEqual("'\"/a,''\u{301}\"\"\\n\"'".utf8))
    #expect(PostgresQuoting.folderSetting("/tmp/x") == "'\"/tmp/x\"'")
  }
}

@Suite("Lock file owners")
struct LockOwnerTests {
  private func owner(_ text: String?, data: String = "/nowhere/data") throws -> LockOwner {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("file.lock")
    if let text { try Data(text.utf8).write(to: URL(filePath: path)) }
    return LockOwner(path: path, data: data)
  }

  @Test func onlyAProvenOtherProcessIsUnrelated() throws {
    #expect(try owner(nil) == .noOne)
    #expect(try owner("2147483646\n/data\n") == .noOne, "no such process")
    #expect(try owner("\(getpid())\n/data\n") == .stranger, "we are not PostgreSQL, and can inspect ourselves")
    #expect(try owner("-\(getpid())\n") == .stranger, "a single-user server's number is negative")
    let here = FileManager.default.currentDirectoryPath
    #expect(try owner("\(getpid())\n", data: here) == .perhapsServer, "it works in the data folder")
    for text in ["", "x", "99999999999", "0", "-2147483648"] { #expect(try owner(text) == .perhapsServer, "\(text)") }
  }
}

/// A desk's own server, actually killed. Slow: each test creates a cluster.
@Suite("A server after all its processes were killed", .serialized, .timeLimit(.minutes(5)))
struct KilledPostgresTests {
  /// - Parameter prepare: runs before the first start.
  private func withServer(
    preparing prepare: (LocalPostgres) throws -> Void = { _ in }, _ body: (LocalPostgres) async throws -> Void
  ) async throws {
    let path = "/tmp/fdp-\(UInt32.random(in: 0 ... .max))"
    let folder = try DeskFolder.take(path)
    let server = try await LocalPostgres(folder: folder)
    do {
      try prepare(server)
      try await server.start()
      try await body(server)
    } catch {
      try? await server.stop(mode: "immediate")
      remove(server, path)
      throw error
    }
    try await server.stop(mode: "immediate")
    remove(server, path)
  }

  private func remove(_ server: LocalPostgres, _ path: String) {
    server.removeSocketFolder()
    for folder in [server.home, path] { try? FileManager.default.removeItem(atPath: folder) }
  }

  /// The server and all its children, which work in its data folder.
  private func processes(of server: LocalPostgres) -> [Int32] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }.filter {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/cwd")) == server.data
    }
  }

  @Test func aKilledServerRestarts() async throws {
    try await withServer { server in
      let before = server.processID
      for process in processes(of: server) { kill(process, SIGKILL) }
      // At once, while they are still dying: their remains must not be mistaken for a server.
      try await server.start()
      #expect(server.isRunning && server.processID != before)
      #expect(server.isAnswering)
    }
  }

  @Test func aKilledInitdbIsRepeated() async throws {
    try await withServer(preparing: { server in
      let folder = PostgresDataFolder(home: server.home)
      try folder.begin()
      try FileManager.default.createDirectory(atPath: "\(folder.path)/base", withIntermediateDirectories: true)
      for name in ["PG_VERSION", "postgresql.conf"] { try Data().write(to: URL(filePath: "\(folder.path)/\(name)")) }
    }) { server in
      #expect(server.isRunning && server.isAnswering)
      #expect(!PostgresDataFolder(home: server.home).isMissing)
    }
  }

  @Test func aRunningServerIsFoundAgainAndStopsCleanly() async throws {
    try await withServer { server in
      let process = server.processID
      try await server.start { _ in Issue.record("it must not be started a second time") }
      #expect(process != nil && server.processID == process && server.isAnswering)
      try await server.stop()
      #expect(!server.isRunning && !server.isAnswering)
      #expect(!FileManager.default.fileExists(atPath: server.lockFile))
      try await server.start()
      #expect(server.isRunning && server.processID != process)
    }
  }

  @Test func theKeeperRestartsADeadServerAfterAPause() async throws {
    try await withServer { server in
      let folder = try TemporaryFolder()
      defer { folder.remove() }
      let path = folder.path("file.log")
      let (restarts, restart) = AsyncStream.makeStream(of: Void.self)
      let keeper = PostgresKeeper(server: server, log: CombinedLog(path: path, showsServices: false)) {
        restart.yield()
      }
      let before = server.processID
      let calm = try await keeper.runOnce()
      #expect(calm == .regular && server.processID == before)
      for process in processes(of: server) { kill(process, SIGKILL) }
      try await eventually("the end of the server") { !server.isRunning }
      let noticed = try await keeper.runOnce()
      #expect(!server.isRunning, "it is not restarted at once")
      guard case .of(let pause) = noticed else {
        Issue.record("\(noticed)")
        return
      }
      #expect(pause > .zero && pause <= UpBounds.restartPause.first)
      let restarted = try await keeper.runOnce()
      #expect(restarted == .regular && server.isAnswering && server.processID != before)
      restart.finish()
      #expect(await restarts.reduce(0) { count, _ in count + 1 } == 1)
    }
  }

  @Test func startupWaitsForAnUnreapedLockOwner() async throws {
    try await withServer { server in
      try await server.stop()
      let dead = try UncollectedProcess(asRoot: LocalPostgres.isRoot)
      for lock in ["\(server.data)/postmaster.pid", "\(server.socketFolder)/.s.PGSQL.\(LocalPostgres.port).lock"] {
        try dead.writeLock(lock, data: server.data)
      }
      #expect(LockOwner(path: "\(server.data)/postmaster.pid", data: server.data) == .perhapsServer)
      var refusals: [PostgresRefusal] = []
      try await server.start { refusal in
        refusals.append(refusal)
        dead.collect()
      }
      #expect(server.isRunning && !refusals.isEmpty && refusals.allSatisfy(\.mayPass))
    }
  }

  @Test func aPersistentLockIsReportedWithTheServersMessage() async throws {
    try await withServer { server in
      try await server.stop()
      struct Enough: Error {}
      let dead = try UncollectedProcess(asRoot: LocalPostgres.isRoot)
      try dead.writeLock("\(server.data)/postmaster.pid", data: server.data)
      var refusal: PostgresRefusal?
      await #expect(throws: Enough.self) {
        try await server.start {
          refusal = $0
          throw Enough()
        }
      }
      #expect(refusal?.fatal == "lock file \"postmaster.pid\" already exists")
      #expect(FileManager.default.fileExists(atPath: "\(server.data)/postmaster.pid"), "the lock is left alone")
      dead.collect()
    }
  }

  @Test func staleOwnLocksAreRemovedDespiteReusedProcessIDs() async throws {
    try await withServer { server in
      try await server.stop()
      let stranger = try UncollectedProcess(asRoot: LocalPostgres.isRoot)
      try stranger.writeLock(server.lockFile, data: server.data, process: stranger.parent)
      // As if the server started by `up` had had this process id.
      try ServerHold(home: server.home).note(lockFile: server.lockFile)
      try await server.start { _ in }
      #expect(server.isRunning)
    }
  }

  /// In another container the same process id belongs to another process: a stranger here may be the server there.
  @Test func aLockOfAnotherServerIsNotRemoved() async throws {
    try await withServer { server in
      try await server.stop()
      let stranger = try UncollectedProcess(asRoot: LocalPostgres.isRoot)
      try stranger.writeLock(server.lockFile, data: server.data, process: stranger.parent)
      #expect(LockOwner(path: server.lockFile, data: server.data) == .stranger)
      struct Enough: Error {}
      await #expect(throws: Enough.self) { try await server.start { _ in throw Enough() } }
      #expect(FileManager.default.fileExists(atPath: server.lockFile))
      try FileManager.default.removeItem(atPath: server.lockFile)
    }
  }

  @Test func aLockIsKeptWhileAnyServerProcessLives() async throws {
    try await withServer { server in
      let hold = ServerHold(home: server.home)
      #expect(!hold.remove(lockFile: server.lockFile), "the server is running, wherever its process id is checked")
      let children = processes(of: server)
      try #require(children.count > 1)
      for process in children where process != server.processID { kill(process, SIGSTOP) }
      if let process = server.processID { kill(process, SIGKILL) }
      #expect(!hold.remove(lockFile: server.lockFile), "a child of it is running")
      for process in children { kill(process, SIGKILL) }
      // The kernel releases the hold with the last of them.
      try await eventually("the release of the hold") { hold.remove(lockFile: server.lockFile) }
      #expect(!FileManager.default.fileExists(atPath: server.lockFile))
    }
  }
}

/// A zombie that its parent, a shell, reaps on request; both belong to the server's user.
private final class UncollectedProcess {
  let number: Int32
  /// The shell.
  let parent: Int32
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let user: String?

  init(asRoot: Bool) throws {
    user = asRoot ? LocalPostgres.systemUser : nil
    let script = "cd /; true & echo $$ $!; read go; wait; echo collected; read end"
    process.executableURL = URL(filePath: asRoot ? "/usr/sbin/runuser" : "/bin/sh")
    process.arguments = (user.map { ["-u", $0, "--", "/bin/sh"] } ?? []) + ["-c", script]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    let numbers = line.split { $0 == " " || $0 == "\n" }.compactMap { Int32($0) }
    try #require(numbers.count == 2)
    (parent, number) = (numbers[0], numbers[1])
    // It exits at once, which is visible by the state Z.
    while (try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8))?.contains(") Z ") == false {}
  }

  /// At the end of its input the shell exits too.
  deinit { try? input.fileHandleForWriting.close() }

  /// Writes a lock as the server would have.
  func writeLock(_ path: String, data: String, process: Int32? = nil) throws {
    let text = "\(process ?? number)\n\(data)\n1\n5432\n\n\n\n"
    try Data(text.utf8).write(to: URL(filePath: path))
    if let user {
      let owner = getpwnam(user)
      try #require(owner != nil)
      if let owner { chown(path, owner.pointee.pw_uid, owner.pointee.pw_gid) }
    }
  }

  /// Makes the parent reap it, and waits until it has.
  func collect() {
    guard (try? input.fileHandleForWriting.write(contentsOf: Data("go\n".utf8))) != nil else { return }
    _ = output.fileHandleForReading.availableData
  }
}
