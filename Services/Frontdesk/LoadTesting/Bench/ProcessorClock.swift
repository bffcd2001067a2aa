import CommandLineTool
import Foundation
import Glibc

/// Processor time of processes and of the machine, from the scheduler's statistics.
enum ProcessorClock {
  /// Returns the processor time of a process in seconds since it started; nil when there is no such process.
  ///
  /// The process's own clock (`clock_getcpuclockid(3)`) counts nanoseconds and includes threads that have ended, which the
  /// `schedstat` files of its threads do not; `/proc/PID/stat` counts ticks of ten milliseconds.
  static func seconds(of process: Int32) -> Double? {
    var clock = clockid_t()
    var time = timespec()
    guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return nil }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Returns the processor time of the children of a process that have exited, and of theirs, in seconds.
  static func secondsOfExitedChildren(of process: Int32) -> Double {
    guard let fields = fields(of: process), fields.count > 14, let user = Double(fields[13]),
      let system = Double(fields[14])
    else { return 0 }
    return (user + system) / ticksPerSecond
  }

  /// Returns the processor time of a process, of its children and of those that have exited.
  static func secondsOfFamily(of parent: Int32) -> Double {
    // The children first: one that exits meanwhile is missing in this reading and part of the next.
    let running = children(of: parent).compactMap(seconds).reduce(0, +)
    return (seconds(of: parent) ?? 0) + running + secondsOfExitedChildren(of: parent)
  }

  /// The running children of a process.
  static func children(of parent: Int32) -> [Int32] {
    let text = PrivateFile.text(path: "/proc/\(parent)/task/\(parent)/children") ?? ""
    return text.split(separator: " ").compactMap { Int32($0) }
  }

  static func secondsSinceStart(of process: Int32) -> Double? {
    guard let fields = fields(of: process), fields.count > 19, let ticks = Double(fields[19]),
      let uptime = PrivateFile.text(path: "/proc/uptime")?.split(separator: " ").first.flatMap({ Double($0) })
    else { return nil }
    return max(0, uptime - ticks / ticksPerSecond)
  }

  private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

  /// The fields of `/proc/PID/stat` after the command's name (proc(5)): the first is the state.
  private static func fields(of process: Int32) -> [Substring]? {
    // The command name, in parentheses, may contain anything; the fields after it do not.
    PrivateFile.text(path: "/proc/\(process)/stat").flatMap { text in
      text.lastIndex(of: ")").map { text[text.index(after: $0)...].split(separator: " ") }
    }
  }
}

// MARK: - The machine

/// The time of all the machine's processors so far, in ticks.
struct MachineTime: Sendable, Equatable {
  /// Neither idle nor idle while waiting for a device; time taken by the hypervisor counts as busy.
  var busy: Double
  var total: Double

  /// Reads the first line of `/proc/stat`; nil where it has another format.
  init?(_ text: String) {
    let fields = text.split(separator: "\n").first?.split(separator: " ") ?? []
    // user, nice, system, idle, iowait, irq, softirq, steal; guests' time is part of user.
    let ticks = fields.dropFirst().prefix(8).compactMap { Double($0) }
    guard fields.first == "cpu", ticks.count == 8 else { return nil }
    total = ticks.reduce(0, +)
    busy = total - ticks[3] - ticks[4]
  }

  static var now: MachineTime? { PrivateFile.text(path: "/proc/stat").flatMap { MachineTime($0) } }

  /// Returns the busy share of all processors since an earlier reading, 0 to 1; nil when no time has passed.
  func busyShare(since earlier: MachineTime) -> Double? {
    total > earlier.total ? (busy - earlier.busy) / (total - earlier.total) : nil
  }
}
