import HTTPService
import HTTPTypes
import Hummingbird
import NIOCore

/// What the streams of agents and overseers share.
extension ConsoleRoutes {
  static var tooManyStreams: HTTPProblem {
    HTTPProblem.retryLater(
      .serviceUnavailable, after: .seconds(1), detail: "This process cannot open more streams at the moment.")
  }

  /// Sends the events until they end or the client disconnects, and then leaves.
  static func eventStream(_ events: AsyncStream<StreamEvent>, leave: @escaping @Sendable () async -> Void) -> Response {
    Response(
      status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: ResponseBody { writer in
        do {
          for await event in events { try await writer.write(ByteBuffer(string: event.text)) }
          try await writer.finish(nil)
          await leave()
        } catch {
          // The client has disconnected.
          await leave()
          throw error
        }
      })
  }
}
