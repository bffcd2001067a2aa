import Crypto
import DeskCore
import HTTPTypes
import ServiceKit
import Store

/// Lets in who bears a key of a role that an endpoint is for.
///
/// Only digests of keys are compared, by an index of the database, so that the time it takes tells nothing about a key.
struct KeyGuard: Sendable {
  private let keys: KeyCache

  init(_ keys: KeyCache) {
    self.keys = keys
  }

  /// Whose key it is.
  /// - Throws: `HTTPProblem` 401, 403 or 429, or what the look-up throws.
  func bearer(authorization: String?, for endpoint: ConsoleEndpoint) async throws -> APIKey {
    let key = try await key(authorization)
    guard endpoint.roles.contains(key.role) else {
      let roles = endpoint.roles.map(\.rawValue).sorted().joined(separator: " or ")
      throw HTTPProblem(
        .forbidden, detail: "A key of the role \(key.role.rawValue) may not do this; it takes \(roles).",
        errors: [
          .init(
            field: "Authorization", detail: "It bears a key of the role \(key.role.rawValue).",
            remedy: "Use a key of the role \(roles).")
        ])
    }
    guard key.access == .full || endpoint.method == .get else {
      throw HTTPProblem(
        .forbidden, detail: "The key may only look.",
        errors: [
          .init(
            field: "Authorization", detail: "It bears a key that may only look.",
            remedy: "Use a key that was made without --read-only.")
        ])
    }
    return key
  }

  private func key(_ authorization: String?) async throws -> APIKey {
    guard let authorization else { throw Self.unauthorised("The request bears no key.") }
    guard let text = InputRules.bearerKey(authorization: authorization) else {
      throw Self.unauthorised("The Authorization field holds no bearer key.")
    }
    do {
      guard let key = try await keys.key(digest: Array(SHA256.hash(data: Array(text.utf8)))) else {
        throw Self.unauthorised("The key is not known, or it was revoked.")
      }
      return key
    } catch is KeyCache.Busy {
      throw HTTPProblem.retryLater(
        .tooManyRequests, after: .seconds(1), detail: "Too many keys are being looked up at the moment.")
    }
  }

  private static func unauthorised(_ detail: String) -> HTTPProblem {
    HTTPProblem(
      .unauthorized, detail: detail,
      errors: [.init(field: "Authorization", detail: detail, remedy: "Send `Authorization: Bearer KEY`.")],
      headers: [.wwwAuthenticate: "Bearer realm=\"frontdesk\""])
  }
}
