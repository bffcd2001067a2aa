import HTTPService
import HTTPTypes
import Store

extension KeyGuard {
  /// Returns the caller's key, if its role and access are those of the endpoint.
  /// - Throws: `HTTPProblem` 401, 403 or 503, or what the lookup throws.
  func bearer(authorization: String?, for endpoint: ConsoleEndpoint) async throws -> APIKey {
    try await key(
      authorization: authorization, roles: endpoint.roles, for: endpoint.method == .get ? .read : .full)
  }
}
