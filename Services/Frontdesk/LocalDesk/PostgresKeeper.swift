import Foundation

/// Supervises the desk's own PostgreSQL: restarts it when it dies, and copies its log into the combined one.
struct PostgresKeeper: Sendable {
  let server: LocalPostgres
  let log: CombinedLog
  /// Called after the server was restarted with another process id.
  let restarted: @Sendable () async -> Void

  /// Runs until the task is cancelled.
  func run() async {
    var backOff = RestartBackOff()
    var tail = LogTail(path: server.log)
    var startedAt = ContinuousClock.now
    while !Task.isCancelled {
      for line in tail.newLines() { await log.write(line, from: "postgres") }
      if !server.isRunning {
        let pause = backOff.pause(afterLife: startedAt.duration(to: .now), jitter: .random(in: 0...1))
        await log.say("PostgreSQL has exited; restarting it in \(pause.text)")
        guard (try? await Task.sleep(for: pause)) != nil else { return }
        do {
          try await server.start()
          await restarted()
          await log.say("PostgreSQL is running again")
        } catch {
          if !Task.isCancelled { await log.say("\(error)") }
        }
        startedAt = .now
      }
      try? await Task.sleep(for: UpBounds.postgresWatchPause)
    }
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
