import Foundation

/// Proof that a PostgreSQL server which `up` has started is gone.
///
/// The number in `postmaster.pid` proves nothing by itself: it may be another process's after a crash, and in another container, with the
/// same folder mounted, it is another process's while the server lives. So the server and all its children inherit an open file that is
/// locked (flock(2)), which the kernel gives back when the last of them has ended, wherever it ran. What was started under the hold is
/// noted next to it: a lock file of PostgreSQL's that is not noted belongs to a server that somebody else has started, and stays.
struct ServerHold: Sendable {
  /// Held by the server.
  let path: String
  /// The beginning of the lock file of the server that was started last: its process id, data folder and start time.
  private var notePath: String { "\(path).started" }

  /// - Parameter home: the folder next to the server's data, its user's own.
  init(home: String) {
    path = "\(home)/server.hold"
  }

  /// Starts a program that inherits the hold, once the processes of a server before it have given it back.
  static let script = """
    exec 9>>"$0" || exit 1
    flock --timeout \(UpBounds.postgresLockPatience.components.seconds) 9 ||
      { echo "processes of an earlier server still run (they hold $0)"; exit 1; }
    exec "$@"
    """

  /// Notes which server has been started under the hold.
  /// - Parameter lockFile: the one that it has written.
  func note(lockFile: String) throws {
    guard let beginning = ServerHold.beginning(of: lockFile) else { return }
    try PrivateFile.write(Data(beginning.utf8), path: notePath)
  }

  /// Removes a lock file of a server that was started under the hold and is gone.
  ///
  /// While the file is there, PostgreSQL itself refuses to start, so no one can have put another one in its place meanwhile.
  /// - Returns: whether it was removed.
  func remove(lockFile: String) -> Bool {
    let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return false }
    // Closing gives the lock back.
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, let noted = PrivateFile.text(path: notePath),
      let found = ServerHold.beginning(of: lockFile), found.utf8.elementsEqual(noted.utf8)
    else { return false }
    return unlink(lockFile) == 0
  }

  /// Both lock files begin with the process id, the data folder and the start time (PostgreSQL's `miscadmin.h`, LOCK_FILE_LINE_…).
  private static func beginning(of lockFile: String) -> String? {
    guard let text = PrivateFile.text(path: lockFile) else { return nil }
    let lines = text.unicodeScalars.split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false)
    return lines.count > 3 ? lines.prefix(3).map { String($0) }.joined(separator: "\n") : nil
  }
}
