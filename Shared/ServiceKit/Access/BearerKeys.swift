internal import Crypto
internal import HTTPTypes
public import Store

/// The keys that requests bring in their `Authorization` field.
///
/// Only digests are compared, by an index of the database, so the time it takes tells nothing about a key.
public struct BearerKeys: Sendable {
  private let cache: KeyCache<[UInt8], APIKey>
  private let problemType: String

  /// - Parameters:
  ///   - problemType: the type of the problem of a missing or unknown key.
  ///   - lookUp: finds valid keys by the SHA-256 of their secrets.
  public init(problemType: String = "about:blank", lookUp: @escaping KeyCache<[UInt8], APIKey>.LookUp) {
    cache = KeyCache(lookUp: lookUp)
    self.problemType = problemType
  }

  /// The key of a request.
  /// - Parameter remedy: what to send instead.
  /// - Throws: `HTTPProblem` 401 where there is none or it is not valid, 503 where more unknown keys wait than may, or what the look-up
  ///   throws.
  public func key(authorization: String?, remedy: String) async throws -> APIKey {
    guard let authorization else { throw unauthorised("The request bears no key.", remedy) }
    guard let text = InputRules.bearerKey(authorization: authorization) else {
      throw unauthorised("The Authorization field holds no bearer key.", remedy)
    }
    do {
      guard let key = try await cache.value(for: Array(SHA256.hash(data: Array(text.utf8)))) else {
        throw unauthorised("The key is not known, or it was revoked.", remedy)
      }
      return key
    } catch is KeyLookUpsExhausted {
      throw HTTPProblem.retryLater(
        .serviceUnavailable, after: .seconds(1), detail: "Too many keys are being looked up at the moment.")
    }
  }

  private func unauthorised(_ detail: String, _ remedy: String) -> HTTPProblem {
    HTTPProblem(
      .unauthorized, type: problemType, detail: detail,
      errors: [.init(field: "Authorization", detail: detail, remedy: remedy)],
      headers: [.wwwAuthenticate: "Bearer realm=\"frontdesk\""])
  }
}
