import CommandLineTool
import Foundation

/// The data folder of the desk's own server while it is being created.
///
/// A marker next to the folder exists from before `initdb` until it has finished: what an interrupted `initdb` leaves is removed only where
/// the marker shows that this desk started it. Any other content is left untouched, for it may be the only copy of someone's data.
struct PostgresDataFolder: Sendable {
  /// The server's data.
  let path: String
  /// Exists while `initdb` has not finished.
  let marker: String
  /// The folder that contains both.
  private let home: String

  init(home: String) {
    self.home = home
    path = "\(home)/data"
    marker = "\(home)/data.unfinished"
  }

  private var isUnfinished: Bool { FileManager.default.fileExists(atPath: marker) }

  /// Whether `initdb` must still create the data, or finish doing so.
  var isMissing: Bool { isUnfinished || !FileManager.default.fileExists(atPath: "\(path)/PG_VERSION") }

  /// Makes room for `initdb`, and notes that this desk started it.
  /// - Throws: `CommandFailure` when the folder has content that no `initdb` of this desk left; nothing is deleted then.
  func begin() throws {
    let content = try content()
    if isUnfinished {
      for name in content {
        do {
          try FileManager.default.removeItem(atPath: "\(path)/\(name)")
        } catch {
          throw CommandFailure("cannot remove \(path)/\(name), which an interrupted initdb left: \(error)")
        }
      }
    } else {
      guard content.isEmpty else {
        throw CommandFailure(
          "\(path) is not empty, has no PG_VERSION, and was not created by this desk; nothing in it was changed",
          remedy: "move it elsewhere if it may be needed, or remove it, then start again")
      }
      let text = "While this file exists, initdb has not finished: the next start empties the folder data.\n"
      try PrivateFile.write(Data(text.utf8), path: marker)
      try synchronise()
    }
    // It may belong to a user other than PostgreSQL's. A mount point stays, and initdb uses it.
    rmdir(path)
  }

  /// Notes that `initdb` has finished: from now on the data is never removed.
  func finish() throws {
    guard unlink(marker) == 0 else { throw PrivateFile.failure("remove", marker) }
    // Before the first commit: a marker that came back after a power failure would have the data removed.
    try synchronise()
  }

  private func content() throws -> [String] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw CommandFailure("cannot read the folder \(path): \(error)", remedy: "make it a folder that you may read")
    }
  }

  /// Makes the creation or removal of the marker durable.
  private func synchronise() throws {
    let descriptor = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw PrivateFile.failure("open", home) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw PrivateFile.failure("synchronise", home) }
  }
}
