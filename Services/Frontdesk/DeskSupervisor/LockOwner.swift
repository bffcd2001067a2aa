import CommandLineTool
import Foundation

/// The owner of a PostgreSQL lock file, which starts with a process id.
enum LockOwner: Sendable, Equatable {
  /// There is no such process, or no such file: the server itself replaces a stale lock.
  case noOne
  /// A process that may be the server, or is not known to be another: the lock is left alone.
  case perhapsServer
  /// A process that has the id by coincidence: it is visible, and neither runs PostgreSQL nor works in the data folder.
  case stranger

  /// Determines the owner of a lock file.
  /// - Parameter data: the resolved path of the data folder; only a server works in it.
  init(path: String, data: String) {
    let text = PrivateFile.text(path: path)?.split(separator: "\n", omittingEmptySubsequences: false).first
    guard let number = text.flatMap({ Int32($0) }), number != 0, number != .min else {
      // An empty file may be being written.
      self = text == nil ? .noOne : .perhapsServer
      return
    }
    let process = abs(number)
    guard kill(process, 0) == 0 || errno == EPERM else {
      self = .noOne
      return
    }
    let links = ["cwd", "exe"].map {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/\($0)")
    }
    // What cannot be inspected proves nothing: neither a process of another user nor a zombie that was not reaped.
    guard let folder = links[0], let program = links[1] else {
      self = .perhapsServer
      return
    }
    let isPostgres = (program as NSString).lastPathComponent.hasPrefix("postgres")
    self = folder == data || isPostgres ? .perhapsServer : .stranger
  }
}
