import SystemPrimitives
import TestKit

/// An endpoint on the loopback: passes each request to the test, and answers as the test says. A connection that gets no answer is held
/// open until its client gives up.
final class LocalEndpoint: Sendable {
  struct Request: Sendable {
    let headers: [String: String]
    let body: String
  }

  private let server: LocalServer
  private let received = PthreadMutex<[Request]>([])

  var port: UInt16 { server.port }
  var url: String { server.url("/hook") }

  /// The requests so far.
  var requests: [Request] { received.withLock { $0 } }

  /// - Parameter answer: the status line and further fields, such as `200 OK`; nil sends no answer.
  init(answer: @escaping @Sendable (Request) -> String?) throws {
    server = try LocalServer { [received] connection in
      while let read = connection.readRequest() {
        let request = Request(headers: read.headers, body: String(decoding: read.body, as: UTF8.self))
        received.withLock { $0.append(request) }
        if let head = answer(request) { connection.respond(head) }
      }
    }
  }
}
