import Foundation

/// The reason a PostgreSQL server did not start: the last message of its log, and the remedy.
package struct PostgresRefusal: Sendable, Equatable {
  /// The server's message after `FATAL:`, on one line.
  let fatal: String
  /// Whether it may resolve itself: the processes of a killed server still exist or have not been reaped yet.
  let mayPass: Bool
  /// The lock file named in the message, if any.
  let lockFile: String?
  /// What to do about it.
  let remedy: String

  /// Finds the last line of level FATAL or PANIC.
  /// - Parameter log: the server's output since it was started, with messages in English.
  /// - Returns: nil where there is none.
  init?(log: String) {
    let lines = log.unicodeScalars.split(whereSeparator: { $0 == "\n" || $0 == "\r" }).map { String($0) }
    let reasons = lines.compactMap { line in
      ["FATAL:", "PANIC:"].compactMap { PostgresRefusal.words(after: $0, in: line) }.first
    }
    guard let fatal = reasons.last else { return nil }
    self.fatal = fatal
    let isLock = fatal.contains("lock file") && (fatal.contains("already exists") || fatal.contains("is empty"))
    lockFile = isLock ? PostgresRefusal.quoted(in: fatal) : nil
    mayPass = isLock || fatal.contains("pre-existing shared memory block")
    remedy =
      if isLock {
        "check whether the process id in its first line is a PostgreSQL (`ps -p NUMBER`): stop it, or remove the file if it is not"
      } else if mayPass {
        "stop the remaining processes of the old server (`ps -C postgres -o pid,args`)"
      } else if fatal.contains("No space left on device") {
        "free disk space"
      } else if fatal.contains("incompatible with server") {
        "install the version of PostgreSQL named by the file PG_VERSION in the data folder"
      } else if fatal.contains("shared memory") || fatal.contains("semaphores") {
        "free memory, or raise the kernel limit that it names"
      } else if fatal.contains("could not create any Unix-domain sockets") || fatal.contains("could not bind") {
        "check that PostgreSQL's user may write to the socket's folder"
      } else {
        "see the preceding lines of the server's log"
      }
  }

  private static func words(after level: String, in line: String) -> String? {
    guard let place = line.range(of: level) else { return nil }
    let rest = line[place.upperBound...].drop { $0 == " " }
    return rest.isEmpty ? nil : String(rest)
  }

  private static func quoted(in text: String) -> String? {
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    return parts.count >= 3 ? String(parts[1]) : nil
  }
}
