import Foundation
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
    try await RawConnection.blocking {
      let connection = try RawConnection(to: port)
      // A server that has already refused reads no further; its answer can still be read.
      connection.sendAll(bytes)
      if endsSending { connection.endSending() }
      var received: [UInt8] = []
      while true {
        let more = try connection.read()
        received += more
        let isEnough = more.isEmpty || !readsBody && received.firstRange(of: [13, 10, 13, 10]) != nil
        if let answer = Answer(received, hasEnded: isEnough) { return answer }
      }
    }
  }
}
