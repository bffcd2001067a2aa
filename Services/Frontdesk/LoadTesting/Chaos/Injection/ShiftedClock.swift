import CommandLineTool
import DeskSupervisor
import Foundation

/// The wall clock of all services, which can be shifted while they run (libfaketime). Their monotonic clock and the
/// database's clock are unaffected, as when a host's clock is corrected.
struct ShiftedClock: Sendable {
  private let file: String
  private let library: String

  /// Returns the path of the library in the usual locations; nil where it is not installed.
  static func library() -> String? {
    let folders = ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime", "/usr/lib/faketime"]
    return (folders + ["/usr/lib64/faketime", "/usr/local/lib/faketime"]).map { "\($0)/libfaketime.so.1" }
      .first { FileManager.default.isReadableFile(atPath: $0) }
  }

  /// Returns why it is not available here; nil when it is.
  static func obstacle() async -> String? {
    if library() == nil { return "libfaketime is not installed" }
    return await compiler() == nil ? "there is no C compiler" : nil
  }

  /// - Parameters:
  ///   - file: the file with the shift, read by the services. A small library is created next to it.
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

  /// libfaketime treats every absolute timer as a wall-clock timer and shifts it, including those of the monotonic clock. Swift's own
  /// timers are of that kind: with libfaketime alone, sleeping tasks wake only by accident. This passes them to the kernel unchanged.
  private static let trueTimers = """
    #define _GNU_SOURCE
    #include <sys/syscall.h>
    #include <sys/timerfd.h>
    #include <unistd.h>

    int timerfd_settime(int descriptor, int flags, const struct itimerspec *time, struct itimerspec *before) {
      return (int)syscall(SYS_timerfd_settime, descriptor, flags, time, before);
    }

    """

  /// The environment variables that services need.
  var environment: [String: String] {
    [
      "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_CACHE_DURATION": "1",
      "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
    ]
  }

  /// The library modifies the environment when a program starts, and the Swift runtime would then not find the program's
  /// arguments. In a program started by one that already has the library, the environment is already modified.
  static let launcher = "/usr/bin/env"

  /// Removes the library's shared objects, which it leaves behind when the first process, started by `launcher`, has executed
  /// another program.
  func end(firstProcess: Int32) {
    unlink("/dev/shm/sem.faketime_sem_\(firstProcess)")
    unlink("/dev/shm/faketime_shm_\(firstProcess)")
  }

  /// Shifts all clocks; they follow within a second.
  func shift(bySeconds seconds: Int) throws {
    try PrivateFile.write(Data("\(seconds < 0 ? "-" : "+")\(abs(seconds))\n".utf8), path: file)
  }
}
