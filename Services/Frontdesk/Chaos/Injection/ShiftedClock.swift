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
  static func obstacle() async -> String? {
    if library() == nil { return "libfaketime is not installed" }
    return await compiler() == nil ? "there is no C compiler" : nil
  }

  /// - Parameters:
  ///   - file: holds the shift, for the services to read. Beside it a small library is made.
  ///   - library: libfaketime.
  init(file: String, library: String) async throws {
    self.file = file
    guard let compiler = await Self.compiler() else { throw CommandFailure("there is no C compiler") }
    let source = "\(file)-timers.c"
    try PrivateFile.write(Data(Self.trueTimers.utf8), path: source)
    try await ShellCommand(
      program: compiler, arguments: ["-shared", "-fPIC", "-O1", "-o", "\(file)-timers.so", source]
    ).run()
    self.library = "\(file)-timers.so:\(library)"
    try shift(bySeconds: 0)
  }

  private static func compiler() async -> String? {
    for name in ["cc", "clang", "gcc"]
    where await ShellCommand(program: name, arguments: ["--version"]).succeeds() {
      return name
    }
    return nil
  }

  /// libfaketime takes every absolute timer for one of the wall clock and moves it, those of the monotonic clock too. Swift's own
  /// timers are of that kind: with it alone, tasks that sleep wake only by accident. This hands them to the kernel untouched.
  private static let trueTimers = """
    #define _GNU_SOURCE
    #include <sys/syscall.h>
    #include <sys/timerfd.h>
    #include <unistd.h>

    int timerfd_settime(int descriptor, int flags, const struct itimerspec *time, struct itimerspec *before) {
      return (int)syscall(SYS_timerfd_settime, descriptor, flags, time, before);
    }

    """

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
