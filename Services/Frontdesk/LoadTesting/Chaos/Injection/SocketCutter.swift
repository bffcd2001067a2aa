import CLinux
import Foundation

/// Cuts TCP connections of other processes, as a broken network does: both ends see the connection end without having closed it.
///
/// The kernel duplicates the other process's socket (`pidfd_getfd`, Linux 5.6), and shutting the copy down shuts down the
/// connection. This requires permission to trace the process: the same user, where tracing is not disabled altogether.
enum SocketCutter {
  /// Returns why it does not work here; nil when it does.
  static func obstacle() -> String? {
    // Any of our processes works for this test, so use this one.
    let copy = linux_borrow_descriptor(getpid(), STDERR_FILENO)
    guard copy >= 0 else { return "the kernel does not duplicate sockets here (\(String(cString: strerror(errno))))" }
    close(copy)
    return nil
  }

  /// Cuts the connections of a process whose own or other end is one of these ports of the loopback interface.
  /// - Returns: the number cut.
  static func cut(_ process: Int32, ports: Set<Int>) -> Int {
    let wanted = sockets(at: ports)
    var count = 0
    for (descriptor, socket) in self.sockets(of: process) where wanted.contains(socket) {
      let copy = linux_borrow_descriptor(process, descriptor)
      guard copy >= 0 else { continue }
      if shutdown(copy, Int32(SHUT_RDWR)) == 0 { count += 1 }
      close(copy)
    }
    return count
  }

  /// Returns the inode numbers of established connections with one end at these ports.
  private static func sockets(at ports: Set<Int>) -> Set<String> {
    guard let table = try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8) else { return [] }
    var found: Set<String> = []
    for line in table.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: " ", omittingEmptySubsequences: true)
      guard fields.count > 9, fields[3] == "01" else { continue }
      let ends = [fields[1], fields[2]].compactMap { $0.split(separator: ":").last.flatMap { Int($0, radix: 16) } }
      if ends.contains(where: ports.contains) { found.insert(String(fields[9])) }
    }
    return found
  }

  /// Returns a process's sockets by descriptor.
  private static func sockets(of process: Int32) -> [(descriptor: Int32, socket: String)] {
    let folder = "/proc/\(process)/fd"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { name in
      guard let descriptor = Int32(name),
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)"),
        link.hasPrefix("socket:[")
      else { return nil }
      return (descriptor, String(link.dropFirst("socket:[".count).dropLast()))
    }
  }
}
