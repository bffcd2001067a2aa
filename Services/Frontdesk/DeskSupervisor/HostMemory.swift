import Foundation

/// The memory that this process and its children may use: the machine's, or less in a container or a systemd slice with a limit.
enum HostMemory {
  /// A kernel file is shorter; what is longer is none.
  private static let fileBytes = 1 << 20

  /// The number of bytes; nil where the kernel does not say.
  static var bytes: Int64? {
    bytes { path in
      guard let handle = FileHandle(forReadingAtPath: path), let bytes = try? handle.read(upToCount: fileBytes) else {
        return nil
      }
      return String(validating: bytes, as: UTF8.self)
    }
  }

  /// - Parameter read: returns the text of a file; nil if there is none.
  static func bytes(reading read: (_ path: String) -> String?) -> Int64? {
    let machine = machine(read("/proc/meminfo") ?? "")
    return ([machine] + limits(of: read("/proc/self/cgroup") ?? "", read)).compactMap(\.self).min()
  }

  /// The line `MemTotal:  24683520 kB` (proc(5)).
  private static func machine(_ text: String) -> Int64? {
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemTotal:") }) else { return nil }
    return line.split(separator: " ").dropFirst().first.flatMap { Int64($0) }.map { $0 << 10 }
  }

  /// The limits of this process's control group and of those above it, of both versions (cgroups(7)): lines such as `0::/a/b` for the
  /// second and `4:memory:/a/b` for the first. In a container the path may be the host's; then the limit is at the root of what is mounted.
  private static func limits(of text: String, _ read: (String) -> String?) -> [Int64?] {
    text.split(separator: "\n").flatMap { line -> [Int64?] in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return [] }
      let isSecond = fields[0] == "0" && fields[1].isEmpty
      guard isSecond || fields[1].split(separator: ",").contains("memory") else { return [] }
      let root = isSecond ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
      let file = isSecond ? "memory.max" : "memory.limit_in_bytes"
      var path = ""
      let groups = fields[2].split(separator: "/").map { part in
        path += "/\(part)"
        return path
      }
      // `max` is no number; version 1 writes a number beyond any machine.
      return ([""] + groups).map { group in
        read("\(root)\(group)/\(file)").flatMap { Int64($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
      }
    }
  }
}
