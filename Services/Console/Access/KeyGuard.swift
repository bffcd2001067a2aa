import HTTPTypes
import ServiceKit
import Store

/// Admits callers with a key of a role that the endpoint allows.
struct KeyGuard: Sendable {
  private let keys: BearerKeys

  init(lookUp: @escaping KeyCache<[UInt8], APIKey>.LookUp) {
    keys = BearerKeys(lookUp: lookUp)
  }

  /// Returns the caller's key.
  /// - Throws: `HTTPProblem` 401, 403 or 503, or what the lookup throws.
  func bearer(authorization: String?, for endpoint: ConsoleEndpoint) async throws -> APIKey {
    let key = try await keys.key(authorization: authorization, remedy: "Send `Authorization: Bearer KEY`.")
    guard endpoint.roles.contains(key.role) else {
      let roles = endpoint.roles.map(\.rawValue).sorted().joined(separator: " or ")
      throw HTTPProblem(
        .forbidden, detail: "A key of the role \(key.role.rawValue) may not do this; the role \(roles) is required.",
        errors: [
          .init(
            field: "Authorization", detail: "The key has the role \(key.role.rawValue).",
            remedy: "Use a key with the role \(roles).")
        ])
    }
    guard key.access == .full || endpoint.method == .get else {
      throw HTTPProblem(
        .forbidden, detail: "The key is read-only.",
        errors: [
          .init(
            field: "Authorization", detail: "The key is read-only.",
            remedy: "Use a key that was created without --read-only.")
        ])
    }
    return key
  }
}
