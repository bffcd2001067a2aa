import Foundation

/// Looks after the desk's own PostgreSQL: starts it again when it dies, and copies its log into the combined one.
struct PostgresKeeper: Sendable {
  let server: LocalPostgres
  let log: CombinedLog
  /// Called after the server was started again, under another process id.
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
        await log.say("PostgreSQL is gone; starting it again in \(pause.text)")
        guard (try? await Task.sleep(for: pause)) != nil else { return }
        do {
          try await server.start()
          await restarted()
          await log.say("PostgreSQL runs again")
        } catch {
          if !Task.isCancelled { await log.say("\(error)") }
        }
        startedAt = .now
      }
      try? await Task.sleep(for: UpBounds.postgresWatchPause)
    }
  }
}

/// Reads what is appended to a file, and empties it when it has grown too long.
struct LogTail {
  private let path: String
  private var offset: UInt64
  private var splitter = LineSplitter()

  private static let pieceBytes = 1 << 18

  /// Begins behind what is there.
  init(path: String) {
    self.path = path
    offset = PrivateFile.size(path: path)
  }

  /// The lines that were completed since the last call; at most a piece of the file is read.
  mutating func newLines() -> [String] {
    let size = PrivateFile.size(path: path)
    // Somebody has emptied it.
    if size < offset { offset = 0 }
    guard size > offset, let handle = FileHandle(forReadingAtPath: path) else { return [] }
    defer { try? handle.close() }
    guard (try? handle.seek(toOffset: offset)) != nil, let bytes = try? handle.read(upToCount: LogTail.pieceBytes)
    else {
      return []
    }
    offset += UInt64(bytes.count)
    if offset >= UInt64(UpBounds.postgresLogBytes), offset == PrivateFile.size(path: path) {
      // The server appends, so it goes on at the new end.
      truncate(path, 0)
      offset = 0
    }
    return splitter.lines(adding: bytes)
  }
}
