import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
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
    guard let subscription = await watch.join(with: call.bearer) else { throw Self.tooManyStreams }
    let watch = watch
    return Self.eventStream(subscription.events) { await watch.leave(subscription) }
  }

  func titles() async throws -> Response {
    let known = try await watch.titles.titles()
    return Self.json(ConsoleJSON.titles(known?.titles ?? [:], version: known?.version ?? 0))
  }
}
