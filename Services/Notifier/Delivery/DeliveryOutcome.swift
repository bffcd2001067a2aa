import Curl
import DeskCore

/// The outcome of one delivery attempt.
enum DeliveryOutcome: Sendable, Equatable {
  case delivered
  /// The endpoint accepts no more deliveries (410).
  case gone
  /// It did not arrive, or it is unknown whether it did. The reason contains nothing that the endpoint sent except its status.
  case failed(reason: String, askedFor: Duration?)

  /// Interprets a response. Redirects are failures: an endpoint is moved by changing the policy.
  init(_ response: HTTPClient.Response, now: Instant) {
    switch response.status {
    case 200..<300: self = .delivered
    case 410: self = .gone
    case 429, 503:
      let asked = response.headers["Retry-After"].flatMap { Self.retryAfter($0, now: now) }
      self = .failed(reason: "the endpoint answered \(response.status)", askedFor: asked)
    case 300..<400: self = .failed(reason: "the endpoint redirects (\(response.status))", askedFor: nil)
    default: self = .failed(reason: "the endpoint answered \(response.status)", askedFor: nil)
    }
  }

  /// Parses `Retry-After`: at most a day.
  static func retryAfter(_ text: String, now: Instant) -> Duration? {
    RetryAfter.pause(text, now: now, upTo: .seconds(86_400))
  }
}
