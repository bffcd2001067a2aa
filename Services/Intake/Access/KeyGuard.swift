import DeskCore
import HTTPTypes
import ServiceKit
import Store

/// Admits callers with a channel's key.
struct KeyGuard: Sendable {
  /// The owner of a key.
  struct Bearer: Sendable, Hashable {
    let key: Identifier<APIKey>
    let channel: ChannelID
  }

  private let keys: BearerKeys

  init(lookUp: @escaping KeyCache<[UInt8], APIKey>.LookUp) {
    keys = BearerKeys(problemType: IntakeMetrics.Rejection.unauthorised.problemType, lookUp: lookUp)
  }

  /// Returns the owner of the key in an `Authorization` field.
  /// - Parameter access: the access that is required.
  /// - Throws: `HTTPProblem` 401, 403 for keys of other roles and for read-only keys, 503 while too many unknown keys are tried, or what
  ///   the lookup throws.
  func bearer(authorization: String?, for access: KeyAccess = .full) async throws -> Bearer {
    let key = try await keys.key(
      authorization: authorization, remedy: "Send `Authorization: Bearer KEY` with a channel's key.")
    guard key.role == .channel, let channel = key.channel else {
      throw HTTPProblem(
        .forbidden, type: IntakeMetrics.Rejection.unauthorised.problemType,
        detail: "This key does not belong to a channel; only channels submit messages.",
        errors: [
          .init(
            field: "Authorization", detail: "The key has the role \(key.role.rawValue).",
            remedy: "Use a key with the role channel; other roles use the console.")
        ])
    }
    guard access == .read || key.access == .full else {
      throw HTTPProblem(
        .forbidden, type: IntakeMetrics.Rejection.unauthorised.problemType, detail: "The key is read-only.",
        errors: [
          .init(
            field: "Authorization", detail: "The key is read-only.",
            remedy: "Send messages with a key that was created without --read-only.")
        ])
    }
    return Bearer(key: key.id, channel: channel)
  }
}
