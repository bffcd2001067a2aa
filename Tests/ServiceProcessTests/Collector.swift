import Curl
import HTTPTypes
import Hummingbird
import NIOCore
import SwiftProtobuf
import SystemPrimitives
import TestService
import Wire

/// An OpenTelemetry collector on the loopback: keeps what it receives and answers as the test says.
final class Collector: Sendable {
  struct Answer: Sendable {
    var status: HTTPResponse.Status = .ok
    var retryAfter: String?
    var rejected: Int64 = 0

    static let accepted = Answer()
  }

  struct Received: Sendable {
    let contentType: String?
    let body: [UInt8]

    /// The request as the protocol defines it.
    var request: OTLPExportRequest { get throws { try OTLPExportRequest(serializedBytes: body) } }

    var spans: [OTLPSpan] { get throws { try request.resourceSpans.flatMap { $0.scopeSpans.flatMap(\.spans) } } }
  }

  private struct State {
    var answers: [Answer]
    var received: [Received] = []
  }

  let url: String
  private let state: PthreadMutex<State>

  private init(port: Int, state: PthreadMutex<State>) {
    url = "http://127.0.0.1:\(port)"
    self.state = state
  }

  /// Every request so far, in order.
  var received: [Received] { state.withLock { $0.received } }

  /// - Parameter answers: the first answers; further requests are accepted.
  static func with(_ answers: [Answer] = [], _ body: (Collector) async throws -> Void) async throws {
    let state = PthreadMutex(State(answers: answers))
    let router = Router()
    router.post("/v1/traces") { request, _ in
      let bytes = try await request.body.collect(upTo: 1 << 20)
      let received = Received(contentType: request.headers[.contentType], body: Array(bytes.readableBytesView))
      let answer = state.withLock { state in
        state.received.append(received)
        return state.answers.isEmpty ? Answer.accepted : state.answers.removeFirst()
      }
      var headers: HTTPFields = [.contentType: "application/x-protobuf"]
      headers[.retryAfter] = answer.retryAfter
      let response = OTLPExportResponse.with {
        if answer.rejected > 0 { $0.partialSuccess.rejectedSpans = answer.rejected }
      }
      let serialized: [UInt8] = try response.serializedBytes()
      return Response(
        status: answer.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: serialized)))
    }
    try await LoopbackServer.with(router) { try await body(Collector(port: $0, state: state)) }
  }
}
