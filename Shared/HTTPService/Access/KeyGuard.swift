internal import DeskCore
internal import HTTPTypes
public import Store

/// Admits callers whose key has one of the roles and the access that an endpoint requires.
public struct KeyGuard: Sendable {
  private let keys: BearerKeys

  /// - Parameter lookUp: finds valid keys by the SHA-256 of their secrets.
  public init(lookUp: @escaping KeyCache<[UInt8], APIKey>.LookUp) {
    keys = BearerKeys(lookUp: lookUp)
  }

  /// Returns the caller's key.
  /// - Parameters:
  ///   - authorization: the `Authorization` field.
  ///   - access: what the endpoint needs: `.read` admits read-only keys.
  /// - Throws: `HTTPProblem` 401, 403 or 503, or what the lookup throws.
  public func key(authorization: String?, roles: Set<Role>, for access: KeyAccess) async throws -> APIKey {
    func named() -> String { roles.map(\.rawValue).sorted().listed(with: "or") }
    let key = try await keys.key(
      authorization: authorization, remedy: "Send `Authorization: Bearer KEY` with a key of the role \(named()).")
    try Self.admit(key, roles: roles, for: access)
    return key
  }

  /// Checks that a caller has one of the roles and the access that an endpoint requires.
  /// - Throws: `HTTPProblem` 403.
  public static func admit(_ key: APIKey, roles: Set<Role>, for access: KeyAccess) throws {
    func named() -> String { roles.map(\.rawValue).sorted().listed(with: "or") }
    guard roles.contains(key.role) else {
      throw forbidden(
        "A key of the role \(key.role.rawValue) may not do this; the role \(named()) is required.",
        "The key has the role \(key.role.rawValue).", "Use a key with the role \(named()).")
    }
    guard access == .read || key.access == .full else {
      throw forbidden(
        "The key is read-only.", "The key is read-only.", "Use a key that was created without --read-only.")
    }
  }

  private static func forbidden(_ detail: String, _ fault: String, _ remedy: String) -> HTTPProblem {
    HTTPProblem(
      .forbidden, type: .forbidden, detail: detail,
      errors: [.init(field: "Authorization", detail: fault, remedy: remedy)])
  }
}
