import CommandLineTool
import DeskCore
import Foundation
import ServiceHealth
import SystemPrimitives

/// Supervises the desk's own PostgreSQL: restarts it when it dies, and copies its log into the combined one.
actor PostgresKeeper {
  private let server: LocalPostgres
  private let log: CombinedLog
  private let restarted: @Sendable () async -> Void
  private let task = WatchedTask("postgres")
  private var tail: LogTail
  private var deaths = UpBounds.restartPause
  private var random = SystemRandom()
  private var startedAt = ContinuousClock.now
  private var isRestartDue = false

  /// - Parameter restarted: called after the server was restarted with another process id.
  init(server: LocalPostgres, log: CombinedLog, restarted: @escaping @Sendable () async -> Void) {
    self.server = server
    self.log = log
    self.restarted = restarted
    tail = LogTail(path: server.log)
  }

  /// Runs until the task is cancelled.
  func run() async {
    await PeriodicTask(
      task, every: UpBounds.postgresWatchPause, longestBackOff: UpBounds.restartPause.longest, logger: log.logger
    ).run { try await self.runOnce() }
  }

  /// Copies new log lines. A round that finds the server dead asks for a pause, and the next one restarts it.
  /// - Throws: `CommandFailure` of a start that failed, after it was logged; the next round tries again.
  func runOnce() async throws -> PeriodicTask.Pause {
    for line in tail.newLines() { await log.write(line, from: "postgres") }
    guard !server.isRunning else {
      isRestartDue = false
      return .regular
    }
    guard isRestartDue else {
      isRestartDue = true
      // One that worked for a while and then died is not in a crash loop.
      if startedAt.duration(to: .now) >= UpBounds.steadyLife { deaths.reset() }
      let pause = deaths.next(using: &random)
      await log.say("PostgreSQL has exited; restarting it in \(pause.text)")
      return .of(pause)
    }
    do {
      try await server.start()
    } catch {
      if !Task.isCancelled { await log.say("\(error)") }
      throw error
    }
    isRestartDue = false
    startedAt = .now
    await restarted()
    await log.say("PostgreSQL is running again")
    return .regular
  }
}

/// Reads lines appended to a file, and truncates the file when it has grown too long.
struct LogTail {
  private let path: String
  private var offset: UInt64
  private var splitter = LineSplitter()

  private static let pieceBytes = 1 << 18

  /// Starts at the end of the existing content.
  init(path: String) {
    self.path = path
    offset = PrivateFile.size(path: path)
  }

  /// Returns the lines completed since the last call; reads a bounded piece of the file.
  mutating func newLines() -> [String] {
    let size = PrivateFile.size(path: path)
    // The file was truncated by someone else.
    if size < offset { offset = 0 }
    guard size > offset, let handle = FileHandle(forReadingAtPath: path) else { return [] }
    defer { try? handle.close() }
    guard (try? handle.seek(toOffset: offset)) != nil, let bytes = try? handle.read(upToCount: LogTail.pieceBytes)
    else {
      return []
    }
    offset += UInt64(bytes.count)
    if offset >= UInt64(UpBounds.postgresLogBytes), offset == PrivateFile.size(path: path) {
      // The server appends, so it continues at the new end.
      truncate(path, 0)
      offset = 0
    }
    return splitter.lines(adding: bytes)
  }
}
