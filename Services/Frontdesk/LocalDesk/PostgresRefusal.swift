import Foundation

/// Why a PostgreSQL server did not start: the last word of its log, and what helps.
struct PostgresRefusal: Sendable, Equatable {
  /// What the server said behind `FATAL:`, on one line.
  let fatal: String
  /// Whether it may pass by itself: the processes of a server that was killed are still there, or nobody has collected them yet.
  let mayPass: Bool
  /// The lock file that it names, where it names one.
  let lockFile: String?
  /// What to do about it.
  let remedy: String

  /// Looks for the last line of level FATAL or PANIC.
  /// - Parameter log: what the server has written since it was started, its messages in English.
  /// - Returns: nil where there is none.
  init?(log: String) {
    let lines = log.unicodeScalars.split(whereSeparator: { $0 == "\n" || $0 == "\r" }).map { String($0) }
    let told = lines.compactMap { line in
      ["FATAL:", "PANIC:"].compactMap { PostgresRefusal.words(after: $0, in: line) }.first
    }
    guard let fatal = told.last else { return nil }
    self.fatal = fatal
    let isLock = fatal.contains("lock file") && (fatal.contains("already exists") || fatal.contains("is empty"))
    lockFile = isLock ? PostgresRefusal.quoted(in: fatal) : nil
    mayPass = isLock || fatal.contains("pre-existing shared memory block")
    remedy =
      if isLock {
        "see whether the process whose number is its first line is a PostgreSQL (`ps -p NUMBER`): end it, or remove the file if it is none"
      } else if mayPass {
        "end what is left of the old server's processes (`ps -C postgres -o pid,args`)"
      } else if fatal.contains("No space left on device") {
        "make room on the disk"
      } else if fatal.contains("incompatible with server") {
        "install the version of PostgreSQL that the file PG_VERSION in the data folder names"
      } else if fatal.contains("shared memory") || fatal.contains("semaphores") {
        "free memory, or raise the kernel's limit that it names"
      } else if fatal.contains("could not create any Unix-domain sockets") || fatal.contains("could not bind") {
        "see that PostgreSQL's user may write into the socket's folder"
      } else {
        "see what stands before it in the server's log"
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
