import Foundation

/// The resident memory of a process (proc(5), `VmRSS`).
public enum ProcessMemory {
  /// Returns the current kilobytes of a process; 0 when it is not running.
  /// - Parameter process: its id, or `self`.
  public static func residentKilobytes(of process: String = "self") -> Int {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) } ?? 0
  }
}
