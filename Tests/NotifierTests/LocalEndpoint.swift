import EventThread
import Foundation
import Glibc

/// An endpoint of raw sockets on the loopback: passes each request to the test, and answers as the test says. One thread per connection; a
/// connection that gets no answer is held open until its client gives up.
final class LocalEndpoint: Sendable {
  struct Problem: Error {}

  struct Request: Sendable {
    let headers: [String: String]
    let body: String
  }

  let port: UInt16
  private let received = PthreadMutex<[Request]>([])

  /// The requests so far.
  var requests: [Request] { received.withLock { $0 } }

  /// - Parameter answer: the status line and further fields, such as `200 OK`; nil sends no answer.
  init(answer: @escaping @Sendable (Request) -> String?) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    inet_pton(AF_INET, "127.0.0.1", &name.sin_addr)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
      }
    }
    guard isBound else { throw Problem() }
    port = UInt16(bigEndian: name.sin_port)
    let received = received
    Thread.detachNewThread {
      while true {
        let connection = accept(listener, nil, nil)
        if connection < 0 { return }
        Thread.detachNewThread {
          Self.serve(connection, received, answer)
          close(connection)
        }
      }
    }
  }

  var url: String { "http://127.0.0.1:\(port)/hook" }

  private static func serve(
    _ connection: Int32, _ received: PthreadMutex<[Request]>, _ answer: (Request) -> String?
  ) {
    var buffer = ""
    while let piece = receive(connection) {
      buffer += piece
      guard let end = buffer.range(of: "\r\n\r\n") else { continue }
      let lines = buffer[..<end.lowerBound].components(separatedBy: "\r\n").dropFirst()
      let headers = Dictionary(
        lines.map { line in
          let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
          return (parts[0].lowercased(), parts.count > 1 ? parts[1] : "")
        }, uniquingKeysWith: { first, _ in first })
      let body = String(buffer[end.upperBound...])
      guard body.utf8.count >= headers["content-length"].flatMap({ Int($0) }) ?? 0 else { continue }
      let request = Request(headers: headers, body: body)
      received.withLock { $0.append(request) }
      buffer = ""
      guard let head = answer(request) else { continue }
      let text = Array("HTTP/1.1 \(head)\r\nContent-Length: 0\r\n\r\n".utf8)
      _ = text.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }
  }

  private static func receive(_ connection: Int32) -> String? {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = recv(connection, &bytes, bytes.count, 0)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }
}
