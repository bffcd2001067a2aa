import Foundation

/// Who has a lock file of PostgreSQL's, which begins with a process's number.
enum LockOwner: Sendable, Equatable {
  /// There is no such process, or no such file: the server itself takes over what is left.
  case nobody
  /// A process that may be the server, or is not known to be another: it is not ours to judge.
  case perhapsServer
  /// A process that has the number by accident: it can be seen, and neither runs PostgreSQL nor works in the data folder.
  case stranger

  /// Looks at a lock file.
  /// - Parameter data: the data folder, its path resolved; a server works in there, and nobody else does.
  init(path: String, data: String) {
    let text = PrivateFile.text(path: path)?.split(separator: "\n", omittingEmptySubsequences: false).first
    guard let number = text.flatMap({ Int32($0) }), number != 0, number != .min else {
      // An empty file may be being written.
      self = text == nil ? .nobody : .perhapsServer
      return
    }
    let process = abs(number)
    guard kill(process, 0) == 0 || errno == EPERM else {
      self = .nobody
      return
    }
    let links = ["cwd", "exe"].map {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/\($0)")
    }
    // What cannot be seen says nothing: not of a process of another user, not of one that has ended and was not collected.
    guard let folder = links[0], let program = links[1] else {
      self = .perhapsServer
      return
    }
    let isPostgres = (program as NSString).lastPathComponent.hasPrefix("postgres")
    self = folder == data || isPostgres ? .perhapsServer : .stranger
  }
}
