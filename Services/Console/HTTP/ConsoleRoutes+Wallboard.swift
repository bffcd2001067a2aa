import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import NIOCore
import PolicyReading
import ServiceProcess
import Store

// What leads, operators and auditors watch, and the titles that all pages show.

extension ConsoleRoutes {
  func wallboard() async throws -> Response {
    Self.json(ConsoleJSON.wallboard(try await watch.figures(), now: clock.now()))
  }

  func queueFlow() async throws -> Response {
    Self.json(ConsoleJSON.flow(try await watch.flow(), queues: policy.current?.queues.keys.sorted() ?? []))
  }

  /// Events until the caller leaves, their key is no longer valid or they do not keep up.
  func overseerStream(_ call: Call) async throws -> Response {
    guard let subscription = await watch.join(with: call.bearer) else {
      throw HTTPProblem.retryLater(
        .serviceUnavailable, after: .seconds(1), detail: "This process cannot open more streams at the moment.")
    }
    let watch = watch
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: ResponseBody { writer in
        do {
          for await event in subscription.events { try await writer.write(ByteBuffer(string: event.text)) }
          try await writer.finish(nil)
          await watch.leave(subscription)
        } catch {
          // The client has disconnected.
          await watch.leave(subscription)
          throw error
        }
      })
  }

  func titles() async throws -> Response {
    let known = try await watch.titles.titles()
    return Self.json(ConsoleJSON.titles(known?.titles ?? [:], version: known?.version ?? 0))
  }
}
