import Curl
import DeskCore

/// How one attempt at a delivery ended.
enum DeliveryOutcome: Sendable, Equatable {
  case delivered
  /// The endpoint wants nothing more (410).
  case gone
  /// It did not arrive, or nobody knows whether it did. The reason holds nothing that the endpoint said but its status.
  case failed(reason: String, askedFor: Duration?)

  /// What a response means. Redirects are failures: whoever moves an endpoint changes the policy.
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

  /// Reads `Retry-After`: whole seconds, or a date (RFC 9110, section 10.2.3). A day at most.
  static func retryAfter(_ text: String, now: Instant) -> Duration? {
    let longest: Duration = .seconds(86_400)
    if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
      // More digits than fit into a number are more than a day.
      return min(.seconds(Int64(text) ?? .max), longest)
    }
    return HTTPDate.instant(text, now: now).map { min(max(.zero, $0 - now), longest) }
  }
}
