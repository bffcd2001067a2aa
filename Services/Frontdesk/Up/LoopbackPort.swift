import Foundation

/// Ports of 127.0.0.1.
enum LoopbackPort {
  /// One that is free now. Another process may take it before it is used; whoever binds it must be able to fail.
  static func free() throws -> Int {
    guard let port = bind(0) else { throw CommandFailure("no port of 127.0.0.1 is free") }
    return port
  }

  /// Whether a port is free now.
  static func isFree(_ port: Int) -> Bool {
    bind(port) != nil
  }

  /// Binds and gives back.
  private static func bind(_ port: Int) -> Int? {
    guard let number = in_port_t(exactly: port) else { return nil }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    // As servers do: connections of a server that has ended do not count.
    var one: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = number.bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let outcome = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        guard Glibc.bind(descriptor, pointer, length) == 0, port != 0 || getsockname(descriptor, pointer, &length) == 0
        else {
          return false
        }
        return true
      }
    }
    return outcome ? Int(in_port_t(bigEndian: address.sin_port)) : nil
  }
}

extension LocalDesk.Ports {
  /// The ports that are wanted; else those of the last time, where they are free; else free ones.
  /// - Throws: `CommandFailure` when a wanted one is taken.
  static func choose(intake: Int?, channel: Int?, console: Int?, last: LocalDesk.Ports?) throws -> LocalDesk.Ports {
    func choose(_ wanted: Int?, _ last: Int?, _ flag: String) throws -> Int {
      if let wanted {
        guard LoopbackPort.isFree(wanted) else {
          throw CommandFailure("port \(wanted) is taken", remedy: "name another with \(flag), or leave that out")
        }
        return wanted
      }
      if let last, LoopbackPort.isFree(last) { return last }
      return try LoopbackPort.free()
    }
    let ports = LocalDesk.Ports(
      intake: try choose(intake, last?.intake, "--port-intake"),
      channel: try choose(channel, last?.channel, "--port-channel"),
      console: try choose(console, last?.console, "--port-console"))
    guard Set([ports.intake, ports.channel, ports.console]).count == 3 else {
      throw CommandFailure("two services cannot have one port", remedy: "name three different ports, or none")
    }
    return ports
  }
}
