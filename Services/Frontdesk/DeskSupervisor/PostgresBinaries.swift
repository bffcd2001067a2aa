import CommandLineTool
import Foundation

/// Finds PostgreSQL's programs on this machine.
enum PostgresBinaries {
  private static let debianFolder = "/usr/lib/postgresql"
  /// The oldest version that the schema supports.
  static let oldestVersion = 15

  /// Returns the folder with `initdb` and `pg_ctl`: Debian's newest version, else the first on the PATH.
  static func find() throws -> String {
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: debianFolder)) ?? []
    let searched = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":").map(String.init) ?? []
    let found = ([newest(of: versions).map { "\(debianFolder)/\($0)/bin" }].compactMap(\.self) + searched)
      .first { FileManager.default.isExecutableFile(atPath: "\($0)/initdb") }
    guard let found else {
      throw CommandFailure(
        "PostgreSQL is not installed on this machine",
        remedy: "install PostgreSQL \(oldestVersion) or newer (on Debian: apt install postgresql)")
    }
    return found
  }

  /// Returns the newest version among folder names such as `9.6` and `15`; nil when none is new enough.
  static func newest(of names: [String]) -> String? {
    names.compactMap { name in Int(name).map { (name, $0) } }.filter { $0.1 >= oldestVersion }.max { $0.1 < $1.1 }?.0
  }
}

/// The file `postmaster.pid` of a data folder, as far as we read it.
struct PostmasterFile: Sendable, Equatable {
  let processID: Int32
  /// The folder of its Unix socket; nil while it has not bound one yet.
  let socketFolder: String?

  /// Parses the text; nil when it is not a PostgreSQL pid file.
  init?(_ text: String) {
    // A negative number belongs to a single-user server.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let line = lines.first, let number = Int32(line), number != 0, number != .min else { return nil }
    processID = abs(number)
    socketFolder = lines.count > 4 && lines[4].hasPrefix("/") ? String(lines[4]) : nil
  }
}
