import CommandLineTool
import Foundation

/// Proof that a PostgreSQL server started by `up` has exited.
///
/// The number in `postmaster.pid` alone proves nothing: it may be another process's after a crash, and in another container with the
/// same folder mounted, it is another process's while the server runs. So the server and all its children inherit an open, locked
/// file (flock(2)), whose lock the kernel releases when the last of them has exited, wherever it ran. Servers started under the hold
/// are recorded next to it: a PostgreSQL lock file that is not recorded belongs to a server started by someone else, and stays.
struct ServerHold: Sendable {
  /// Held by the server.
  let path: String
  /// The start of the lock file of the last started server: its process id, data folder and start time.
  private var notePath: String { "\(path).started" }

  /// - Parameter home: the folder next to the server's data, owned by its user.
  init(home: String) {
    path = "\(home)/server.hold"
  }

  /// Starts a program that inherits the hold, once the processes of an earlier server have released it.
  static let script = """
    exec 9>>"$0" || exit 1
    flock --timeout \(UpBounds.postgresLockPatience.components.seconds) 9 ||
      { echo "processes of an earlier server are still running (they hold $0)"; exit 1; }
    exec "$@"
    """

  /// Records the server started under the hold.
  /// - Parameter lockFile: the lock file that it has written.
  func note(lockFile: String) throws {
    guard let beginning = ServerHold.beginning(of: lockFile) else { return }
    try PrivateFile.write(Data(beginning.utf8), path: notePath)
  }

  /// Removes the lock file of a server that was started under the hold and has exited.
  ///
  /// While the file exists, PostgreSQL refuses to start, so it cannot have been replaced meanwhile.
  /// - Returns: whether it was removed.
  func remove(lockFile: String) -> Bool {
    let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return false }
    // Closing releases the lock.
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, let noted = PrivateFile.text(path: notePath),
      let found = ServerHold.beginning(of: lockFile), found.utf8.elementsEqual(noted.utf8)
    else { return false }
    return unlink(lockFile) == 0
  }

  /// Both lock files start with the process id, the data folder and the start time (PostgreSQL's `miscadmin.h`, LOCK_FILE_LINE_…).
  private static func beginning(of lockFile: String) -> String? {
    guard let text = PrivateFile.text(path: lockFile) else { return nil }
    let lines = text.unicodeScalars.split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false)
    return lines.count > 3 ? lines.prefix(3).map { String($0) }.joined(separator: "\n") : nil
  }
}
