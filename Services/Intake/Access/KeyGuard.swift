import DeskCore
import HTTPTypes
import ServiceKit
import Store

/// Lets in who bears a channel's key.
struct KeyGuard: Sendable {
  /// Whose key it was.
  struct Bearer: Sendable, Hashable {
    let key: Identifier<APIKey>
    let channel: ChannelID
  }

  private let keys: BearerKeys

  init(lookUp: @escaping KeyCache<[UInt8], APIKey>.LookUp) {
    keys = BearerKeys(problemType: IntakeMetrics.Rejection.unauthorised.problemType, lookUp: lookUp)
  }

  /// Who bears the key of an `Authorization` field.
  /// - Parameter access: what is asked of the key.
  /// - Throws: `HTTPProblem` 401, 403 for keys of other roles and for those that may only look, 503 while too many unknown keys are tried, or what
  ///   the look-up throws.
  func bearer(authorization: String?, for access: KeyAccess = .full) async throws -> Bearer {
    let key = try await keys.key(
      authorization: authorization, remedy: "Send `Authorization: Bearer KEY` with a channel's key.")
    guard key.role == .channel, let channel = key.channel else {
      throw HTTPProblem(
        .forbidden, type: IntakeMetrics.Rejection.unauthorised.problemType,
        detail: "The key is no channel's: only channels hand messages in.",
        errors: [
          .init(
            field: "Authorization", detail: "It bears a key of the role \(key.role.rawValue).",
            remedy: "Use a key of the role channel; the console takes the others.")
        ])
    }
    guard access == .read || key.access == .full else {
      throw HTTPProblem(
        .forbidden, type: IntakeMetrics.Rejection.unauthorised.problemType, detail: "The key may only look things up.",
        errors: [
          .init(
            field: "Authorization", detail: "It bears a key that may only look.",
            remedy: "Hand messages in with a key that was made without --read-only.")
        ])
    }
    return Bearer(key: key.id, channel: channel)
  }
}
