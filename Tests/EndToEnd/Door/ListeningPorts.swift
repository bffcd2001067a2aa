import Foundation

/// The TCP ports on which a process accepts connections, as reported by the kernel.
enum ListeningPorts {
  /// - Returns: each port with whether it is bound to a loopback address.
  static func of(process: Int32) throws -> [Int: Bool] {
    let folder = "/proc/\(process)/fd"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    let sockets = Set(
      names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") }
        .filter { $0.hasPrefix("socket:[") }.map { String($0.dropFirst(8).dropLast()) })
    var ports: [Int: Bool] = [:]
    for table in ["tcp", "tcp6"] {
      for line in text(of: "/proc/\(process)/net/\(table)").split(separator: "\n").dropFirst() {
        let words = line.split(separator: " ")
        guard words.count > 9, words[3] == listening, sockets.contains(String(words[9])) else { continue }
        let address = words[1].split(separator: ":")
        guard let port = address.last.flatMap({ Int($0, radix: 16) }) else { continue }
        ports[port] = loopback.contains(String(address[0]))
      }
    }
    return ports
  }

  /// Reads a file of /proc, whose size is reported as 0 and which comes in pieces, until its end.
  static func text(of path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The state of a listening socket in the kernel's table.
  private static let listening = "0A"
  /// 127.0.0.1, ::1 and ::ffff:127.0.0.1 in the kernel's spelling on little-endian machines.
  private static let loopback: Set<String> = [
    "0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F",
  ]
}
