import Crypto
import DeskCore
import HTTPTypes
import ServiceKit
import Store

/// Lets in who bears a channel's key.
///
/// Only digests of keys are compared, by an index of the database, so that the time it takes tells nothing about a key.
struct KeyGuard: Sendable {
  /// Whose key it was.
  struct Bearer: Sendable, Hashable {
    let key: Identifier<APIKey>
    let channel: ChannelID
  }

  private let keys: BriefCache<[UInt8], APIKey>

  init(lookUp: @escaping @Sendable (_ digest: [UInt8]) async throws -> APIKey?) {
    keys = BriefCache(
      lifetime: IntakeBounds.keyLifetime, capacity: IntakeBounds.keysRemembered,
      unknownPerSecond: IntakeBounds.unknownKeysPerSecond, lookUp: lookUp)
  }

  /// Who bears the key of an `Authorization` field.
  /// - Parameter access: what is asked of the key.
  /// - Throws: `HTTPProblem` 401, 403 for keys of other roles and for those that may only look, 429 while somebody guesses, or what the look-up throws.
  func bearer(authorization: String?, for access: KeyAccess = .full) async throws -> Bearer {
    guard let authorization else { throw Self.unauthorised("The request bears no key.") }
    guard let text = InputRules.bearerKey(authorization: authorization) else {
      throw Self.unauthorised("The Authorization field holds no bearer key.")
    }
    let digest = Array(SHA256.hash(data: Array(text.utf8)))
    let key: APIKey?
    do {
      key = try await keys.value(for: digest)
    } catch is BriefCache<[UInt8], APIKey>.Exhausted {
      throw HTTPProblem.retryLater(
        .tooManyRequests, after: .seconds(1), detail: "Too many unknown keys were tried; this one is not known yet.")
    }
    guard let key else { throw Self.unauthorised("The key is not known, or it was revoked.") }
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

  private static func unauthorised(_ detail: String) -> HTTPProblem {
    HTTPProblem(
      .unauthorized, type: IntakeMetrics.Rejection.unauthorised.problemType, detail: detail,
      errors: [
        .init(field: "Authorization", detail: detail, remedy: "Send `Authorization: Bearer KEY` with a channel's key.")
      ],
      headers: [.wwwAuthenticate: "Bearer realm=\"frontdesk\""])
  }
}
