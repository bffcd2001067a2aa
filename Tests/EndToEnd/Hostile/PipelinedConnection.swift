import Foundation
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

  private let connection: RawConnection
  private var received: [UInt8] = []

  /// - Throws: `POSIXError` when the port is not listening.
  init(port: Int) throws { connection = try RawConnection(to: port) }

  /// Sends requests and waits for their answers.
  /// - Parameter endsSending: whether the sending side of the TCP connection is closed afterwards.
  /// - Throws: `POSIXError(.ETIMEDOUT)` when the server is silent.
  func exchange(_ bytes: [UInt8], answers: Int, endsSending: Bool = false) throws -> Outcome {
    var outcome = Outcome()
    connection.sendAll(bytes)
    if endsSending { connection.endSending() }
    while outcome.statuses.count < answers {
      if let (status, body) = nextAnswer() {
        outcome.statuses.append(status)
        if status == 500 { outcome.failures.append(body) }
        continue
      }
      let more = try connection.read()
      guard !more.isEmpty else {
        outcome.isClosed = true
        return outcome
      }
      received += more
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
