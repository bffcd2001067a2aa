import Logging

/// Writes the log records of `up`'s own background tasks to the combined log.
struct CombinedLogHandler: LogHandler {
  let log: CombinedLog
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    let text = (["\(event.message)"] + fields.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
    Task { [log] in await log.say(text) }
  }
}

extension CombinedLog {
  /// Writes lines from `up` itself.
  nonisolated var logger: Logger {
    Logger(label: "up") { _ in CombinedLogHandler(log: self) }
  }
}
