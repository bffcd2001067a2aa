import CommandLineTool
import DeskCore
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import SystemPrimitives

/// The endpoint of a web hook, which can be made to misbehave.
///
/// Call `end()` before releasing it.
final class HookEndpoint: Sendable {
  /// The response to deliveries.
  enum ResponseMode: Sendable {
    /// 200.
    case good
    /// None, until the mode changes.
    case hanging
    /// 500.
    case failing
    /// 302 to another path of this server, which must never be requested.
    case redirecting
  }

  /// The received requests.
  struct Counts: Sendable, Equatable {
    /// Deliveries answered with 200.
    var delivered = 0
    /// Those whose id had been delivered before.
    var repeated = 0
    /// Requests to the redirect's target: a violation.
    var strayed = 0
  }

  private struct State {
    var mode = ResponseMode.good
    var counts = Counts()
    var known: Set<String> = []
  }

  private static let path = "/hook"
  private static let elsewhere = "/elsewhere"
  private static let bodyBytes = 1 << 20
  private static let hangingLook: Duration = .milliseconds(50)

  let port: Int
  private let state: PthreadMutex<State>
  private let serving: Task<Void, Never>

  /// Starts listening on a free port of 127.0.0.1.
  init() async throws {
    let state = PthreadMutex(State())
    let router = Router()
    router.post(RouterPath(HookEndpoint.path)) { request, _ in
      _ = try await request.body.collect(upTo: HookEndpoint.bodyBytes)
      return try await HookEndpoint.answer(request.headers[.webhookID] ?? "", state)
    }
    for method in [HTTPRequest.Method.get, .post] {
      router.on(RouterPath(HookEndpoint.elsewhere), method: method) { _, _ -> Response in
        state.withLock { $0.counts.strayed += 1 }
        return Response(status: .ok)
      }
    }
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let application = Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { channel in
        continuation.yield(channel.localAddress?.port ?? 0)
        continuation.finish()
      },
      // Standard output is for the report.
      logger: Logger(label: "hook") { _ in SwiftLogNoOpLogHandler() })
    serving = Task {
      try? await application.run()
      continuation.finish()
    }
    var bound = 0
    for await port in ports { bound = port }
    guard bound > 0 else { throw CommandFailure("the endpoint of a web hook could not be opened") }
    port = bound
    self.state = state
  }

  var counts: Counts { state.withLock { $0.counts } }

  func setMode(_ mode: ResponseMode) {
    state.withLock { $0.mode = mode }
  }

  func end() async {
    setMode(.good)
    serving.cancel()
    await serving.value
  }

  private static func answer(_ id: String, _ state: PthreadMutex<State>) async throws -> Response {
    while case .hanging = state.withLock({ $0.mode }) { try await Task.sleep(for: hangingLook) }
    return state.withLock { state in
      switch state.mode {
      case .failing: return Response(status: .internalServerError)
      case .redirecting: return Response(status: .found, headers: [.location: elsewhere])
      case .good, .hanging:
        state.counts.delivered += 1
        if !state.known.insert(id).inserted { state.counts.repeated += 1 }
        return Response(status: .ok)
      }
    }
  }

  // MARK: The policy

  /// Returns the policy text with this endpoint as a hook for everything; nil where the policy has its own hooks.
  func entered(into policy: String) -> String? {
    let none = "\nhooks: {}"
    guard policy.contains(none) else { return nil }
    let secret = Data(KeySecret.random().text.utf8.prefix(32)).base64EncodedString()
    return policy.replacingOccurrences(
      of: none,
      with: """

        hooks:
          chaos:
            title: { zh: 演练, en: Fault drill }
            url: http://127.0.0.1:\(port)\(HookEndpoint.path)
            secrets: [whsec_\(secret)]
            kinds: all
            allow_private_address: true
        """)
  }
}

extension HTTPField.Name {
  fileprivate static let webhookID = HTTPField.Name("webhook-id") ?? .contentLocation
}
