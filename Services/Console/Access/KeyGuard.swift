import HTTPTypes
import ServiceKit
import Store

/// Lets in who bears a key of a role that an endpoint is for.
struct KeyGuard: Sendable {
  private let keys: BearerKeys

  init(lookUp: @escaping KeyCache<[UInt8], APIKey>.LookUp) {
    keys = BearerKeys(lookUp: lookUp)
  }

  /// Whose key it is.
  /// - Throws: `HTTPProblem` 401, 403 or 503, or what the look-up throws.
  func bearer(authorization: String?, for endpoint: ConsoleEndpoint) async throws -> APIKey {
    let key = try await keys.key(authorization: authorization, remedy: "Send `Authorization: Bearer KEY`.")
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
}
