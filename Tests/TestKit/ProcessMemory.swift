import Foundation

/// What a process holds in memory, as the kernel counts it (proc(5), `VmRSS`).
public enum ProcessMemory {
  /// Kilobytes that a process has now; 0 when it does not run.
  /// - Parameter process: its number, or `self`.
  public static func residentKilobytes(of process: String = "self") -> Int {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) } ?? 0
  }
}
