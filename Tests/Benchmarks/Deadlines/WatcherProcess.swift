import Foundation

/// The real sla-watcher, from the folder of this program.
struct WatcherProcess {
  private let process = Process()

  /// Starts it.
  /// - Parameter postgres: the connection string of the database.
  init(postgres: String) throws {
    let folder = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    process.executableURL = folder.appending(path: "frontdesk-sla-watcher")
    process.arguments = ["--postgres", postgres, "--links-blocked", "true", "--log-level", "warning"]
    do {
      try process.run()
    } catch {
      throw DeadlineBenchmarkError(
        "frontdesk-sla-watcher is not next to this program; build it: swift build -c release --product frontdesk-sla-watcher"
      )
    }
  }

  var id: Int32 { process.processIdentifier }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }
}

/// Resource usage of a process, as reported by the kernel.
enum ProcessorTime {
  /// Seconds of CPU time used, in user and kernel mode; 0 when the process has exited.
  static func of(_ process: Int32) -> Double {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let end = text.lastIndex(of: ")")
    else { return 0 }
    // After the name, which may contain anything: the state is the third field of proc(5), the times are the 14th and 15th.
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 12, let user = Double(fields[11]), let kernel = Double(fields[12]) else { return 0 }
    return (user + kernel) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Resident memory in megabytes.
  static func residentMegabytes(_ process: Int32) -> Double {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8),
      let pages = text.split(separator: " ").dropFirst().first.flatMap({ Double($0) })
    else { return 0 }
    return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6
  }
}
