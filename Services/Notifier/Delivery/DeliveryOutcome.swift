import Curl
import DeskCore
import Foundation

/// How one attempt at a delivery ended.
enum DeliveryOutcome: Sendable, Equatable {
  case delivered
  /// The endpoint wants nothing more, ever (410).
  case gone
  /// It did not arrive, or nobody knows whether it did. The reason holds nothing that the endpoint said but its status.
  case failed(reason: String, askedFor: Duration?)

  /// What a response means. Redirects are failures: whoever moves an endpoint changes the policy.
  init(_ response: HTTPClient.Response, now: Date) {
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
  static func retryAfter(_ text: String, now: Date) -> Duration? {
    let longest = 86_400.0
    if let seconds = Int64(text), seconds >= 0 { return .seconds(min(Double(seconds), longest)) }
    guard let date = HTTPDate.instant(text) else { return nil }
    let wait = Double(date.microseconds) / 1e6 - now.timeIntervalSince1970
    return .seconds(min(max(0, wait), longest))
  }
}
