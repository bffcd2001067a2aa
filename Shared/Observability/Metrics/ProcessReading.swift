internal import Foundation
internal import Glibc

extension MetricsRegistry {
  /// Adds the standard Prometheus process metrics: memory, processor time, file descriptors, start time.
  public func collectProcessMetrics() {
    let start = ProcessReading.startTime() ?? Date().timeIntervalSince1970
    collector { scrape in
      scrape.gauge(
        "process_start_time_seconds", help: "Start time of the process, in seconds since 1970.", start)
      if let seconds = ProcessReading.processorSeconds() {
        scrape.counter(
          "process_cpu_seconds_total", help: "Processor time used, in user and system mode.", seconds)
      }
      if let bytes = ProcessReading.residentBytes() {
        scrape.gauge("process_resident_memory_bytes", help: "Resident memory.", Double(bytes))
      }
      if let count = ProcessReading.openDescriptors() {
        scrape.gauge("process_open_fds", help: "Open file descriptors.", Double(count))
      }
    }
  }
}

/// Reads process information from the kernel.
enum ProcessReading {
  static func processorSeconds() -> Double? {
    guard let fields = statistics(), let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
    return (user + system) / ticksPerSecond
  }

  static func residentBytes() -> Int? {
    guard let fields = read("/proc/self/statm")?.split(separator: " "), fields.count > 1 else { return nil }
    return Int(fields[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) }
  }

  static func openDescriptors() -> Int? {
    try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
  }

  static func startTime() -> Double? {
    guard let fields = statistics(), let ticks = Double(fields[19]),
      let boot = read("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
      let bootTime = Double(boot.dropFirst(6))
    else { return nil }
    return bootTime + ticks / ticksPerSecond
  }

  private static var ticksPerSecond: Double { Double(sysconf(Int32(_SC_CLK_TCK))) }

  /// The fields of `/proc/self/stat` after the command name, which may itself contain spaces: the first is the state.
  private static func statistics() -> [Substring]? {
    let fields = read("/proc/self/stat")?.split(separator: ")").last?.split(separator: " ")
    return fields.flatMap { $0.count > 19 ? $0 : nil }
  }

  private static func read(_ path: String) -> String? {
    try? String(contentsOfFile: path, encoding: .utf8)
  }
}
