import Foundation
import Glibc
import TestKit

/// A raw HTTP/1.1 connection that sends many requests in one write and reads as many answers. Blocking: use it on its own thread.
final class PipelinedConnection {
  /// The result of a batch of requests.
  struct Outcome {
    /// The received statuses, in order; fewer than the requests when the server closed the connection first.
    var statuses: [Int] = []
    /// The bodies of answers with status 500, which no request may cause.
    var failures: [String] = []
    var isClosed = false
  }

  private let descriptor: Int32
  private var received: [UInt8] = []

  /// - Throws: `POSIXError` when the port is not listening.
  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
    var patience = timeval(tv_sec: HangLimit.seconds, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else {
      close(descriptor)
      throw POSIXError(.ECONNREFUSED)
    }
  }

  deinit { close(descriptor) }

  /// Sends requests and waits for their answers.
  /// - Parameter endsSending: whether the sending side of the TCP connection is closed afterwards.
  /// - Throws: `POSIXError(.ETIMEDOUT)` when the server is silent.
  func exchange(_ bytes: [UInt8], answers: Int, endsSending: Bool = false) throws -> Outcome {
    var outcome = Outcome()
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { break }
      sent += count
    }
    if endsSending { shutdown(descriptor, Int32(SHUT_WR)) }
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while outcome.statuses.count < answers {
      if let (status, body) = nextAnswer() {
        outcome.statuses.append(status)
        if status == 500 { outcome.failures.append(body) }
        continue
      }
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count < 0, errno == EAGAIN { throw POSIXError(.ETIMEDOUT) }
      guard count > 0 else {
        outcome.isClosed = true
        return outcome
      }
      received += chunk[..<count]
    }
    return outcome
  }

  /// Removes one complete answer from the received bytes.
  private func nextAnswer() -> (status: Int, body: String)? {
    guard let end = received.firstRange(of: [13, 10, 13, 10]) else { return nil }
    let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    let parts = lines.first?.split(separator: " ") ?? []
    let status = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let length =
      lines.lazy.map { $0.lowercased() }.first { $0.hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces)) } ?? 0
    guard received.count >= end.upperBound + length else { return nil }
    let body = String(decoding: received[end.upperBound..<end.upperBound + length], as: UTF8.self)
    received.removeFirst(end.upperBound + length)
    return (status, body)
  }
}
