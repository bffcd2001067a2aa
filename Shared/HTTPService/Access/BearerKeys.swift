internal import Crypto
internal import HTTPTypes
public import Store
internal import UntrustedInput

/// Authenticates requests by the API key in their `Authorization` header.
///
/// Only digests are compared, through a database index, so response times reveal nothing about a key.
public struct BearerKeys: Sendable {
  private let cache: KeyCache<[UInt8], APIKey>

  /// - Parameter lookUp: finds valid keys by the SHA-256 of their secrets.
  public init(lookUp: @escaping KeyCache<[UInt8], APIKey>.LookUp) {
    cache = KeyCache(lookUp: lookUp)
  }

  /// Returns the key of a request.
  /// - Parameter remedy: what to send instead; evaluated only for a problem.
  /// - Throws: `HTTPProblem` 401 if the key is missing or invalid, 503 if too many unknown keys are pending, or any error of the lookup.
  public func key(authorization: String?, remedy: @autoclosure () -> String) async throws -> APIKey {
    guard let authorization else { throw unauthorised("The request has no API key.", remedy()) }
    guard let text = InputRules.bearerKey(authorization: authorization) else {
      guard InputRules.isBearer(authorization: authorization) else {
        throw unauthorised("The Authorization header does not contain a bearer key.", remedy())
      }
      let length = InputBounds.bearerCharacters
      throw unauthorised(
        "The bearer key is malformed: a key has \(length.lowerBound) to \(length.upperBound) characters of visible ASCII.",
        remedy())
    }
    do {
      guard let key = try await cache.value(for: Array(SHA256.hash(data: Array(text.utf8)))) else {
        throw unauthorised("The key is unknown or has been revoked.", remedy())
      }
      return key
    } catch is KeyLookUpsExhausted {
      throw HTTPProblem.retryLater(
        .serviceUnavailable, after: .seconds(1), detail: "Too many keys are being looked up. Retry later.")
    }
  }

  private func unauthorised(_ detail: String, _ remedy: String) -> HTTPProblem {
    HTTPProblem(
      .unauthorized, type: .unauthorised, detail: detail,
      errors: [.init(field: "Authorization", detail: detail, remedy: remedy)],
      headers: [.wwwAuthenticate: "Bearer realm=\"frontdesk\""])
  }
}
