import DeskCore
import HTTPService
import HTTPTypes
import Store

/// Admits callers with a channel's key.
struct ChannelKeyGuard: Sendable {
  /// The owner of a key.
  struct Bearer: Sendable, Hashable {
    let key: Identifier<APIKey>
    let channel: ChannelID
  }

  private let keys: KeyGuard

  init(lookUp: @escaping KeyCache<[UInt8], APIKey>.LookUp) {
    keys = KeyGuard(lookUp: lookUp)
  }

  /// Returns the owner of the key in an `Authorization` field.
  /// - Parameter access: the access that is required.
  /// - Throws: `HTTPProblem` 401, 403 for keys of other roles and for read-only keys, 503 while too many unknown keys are tried, or what
  ///   the lookup throws.
  func bearer(authorization: String?, for access: KeyAccess = .full) async throws -> Bearer {
    let key = try await keys.key(authorization: authorization, roles: [.channel], for: access)
    guard let channel = key.channel else { throw HTTPProblem(.forbidden, type: .forbidden) }
    return Bearer(key: key.id, channel: channel)
  }
}
