import Dispatch
import Foundation
import Glibc
import TestKit

/// Sends raw bytes over TCP to a port of this machine, without a library that would correct them.
enum ClientConnection {
  /// The answer.
  struct Answer: Sendable {
    /// Zero where no HTTP answer came.
    let status: Int
    /// The received header fields, names in lower case.
    let fields: [String: String]
    let body: [UInt8]

    /// Parses an answer from the bytes so far; nil while its head or its announced body is incomplete.
    init?(_ bytes: [UInt8], hasEnded: Bool) {
      guard let end = bytes.firstRange(of: [13, 10, 13, 10]) else {
        guard hasEnded else { return nil }
        (status, fields, body) = (0, [:], bytes)
        return
      }
      let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
      var fields: [String: String] = [:]
      for line in lines.dropFirst() {
        let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
        fields[parts[0].lowercased()] = parts.count == 2 ? parts[1] : ""
      }
      let rest = bytes[end.upperBound...]
      let announced = fields["content-length"].flatMap { Int($0) }
      guard hasEnded || rest.count >= announced ?? .max else { return nil }
      let words = lines.first?.split(separator: " ") ?? []
      (status, self.fields, body) = (words.count > 1 ? Int(words[1]) ?? 0 : 0, fields, Array(rest))
    }

    var text: String { String(decoding: body, as: UTF8.self) }
  }

  /// Connects, sends, and reads one answer or to the end.
  ///
  /// - Parameters:
  ///   - endsSending: whether the sending side of the TCP connection is closed afterwards.
  ///   - readsBody: false for endless answers, whose head is enough.
  static func exchange(
    port: Int, _ bytes: [UInt8], endsSending: Bool = false, readsBody: Bool = true
  ) async throws -> Answer {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(with: Result { try blockingExchange(UInt16(port), bytes, endsSending, readsBody) })
      }
    }
  }

  private static func blockingExchange(
    _ port: UInt16, _ bytes: [UInt8], _ endsSending: Bool, _ readsBody: Bool
  ) throws -> Answer {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
    defer { close(descriptor) }
    var patience = timeval(tv_sec: HangLimit.seconds, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw POSIXError(.ECONNREFUSED) }
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      // A server that has already refused reads no further; its answer can still be read.
      guard count > 0 else { break }
      sent += count
    }
    if endsSending { shutdown(descriptor, Int32(SHUT_WR)) }
    var received: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count < 0, errno == EAGAIN { throw POSIXError(.ETIMEDOUT) }
      if count > 0 { received += chunk[..<count] }
      let isEnough = count <= 0 || !readsBody && received.firstRange(of: [13, 10, 13, 10]) != nil
      if let answer = Answer(received, hasEnded: isEnough) { return answer }
    }
  }
}
