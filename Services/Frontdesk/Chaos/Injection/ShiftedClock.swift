import Foundation

/// The wall clock of all services, which can be set forth and back while they run (libfaketime). Their monotonic clock and the
/// database's clock stay as they are, as they do when a host's clock is corrected.
struct ShiftedClock: Sendable {
  private let file: String
  private let library: String

  /// The library where distributions put it; nil where it is not installed.
  static func library() -> String? {
    let folders = ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime", "/usr/lib/faketime"]
    return (folders + ["/usr/lib64/faketime", "/usr/local/lib/faketime"]).map { "\($0)/libfaketime.so.1" }
      .first { FileManager.default.isReadableFile(atPath: $0) }
  }

  /// Why there is none here; nil when there is one.
  static func obstacle() -> String? {
    library() == nil ? "libfaketime is not installed" : nil
  }

  /// - Parameters:
  ///   - file: holds the shift, for the services to read.
  ///   - library: libfaketime.
  init(file: String, library: String) throws {
    self.file = file
    self.library = library
    try shift(bySeconds: 0)
  }

  /// What services need for it.
  var environment: [String: String] {
    [
      "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_CACHE_DURATION": "1",
      "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
    ]
  }

  /// The library enters something into the environment when a program begins, and the Swift runtime would then not find the
  /// program's arguments. One that is started by a program which has the library already finds it entered.
  static let launcher = "/usr/bin/env"

  /// Removes what the library shares among processes and leaves when the first of them, which `launcher` was, has become another
  /// program.
  func end(firstProcess: Int32) {
    unlink("/dev/shm/sem.faketime_sem_\(firstProcess)")
    unlink("/dev/shm/faketime_shm_\(firstProcess)")
  }

  /// Sets all clocks; they follow within a second.
  func shift(bySeconds seconds: Int) throws {
    try PrivateFile.write(Data("\(seconds < 0 ? "-" : "+")\(abs(seconds))\n".utf8), path: file)
  }
}
