import DeskCore
import SystemPrimitives

/// The idempotency keys of requests in progress in this process.
final class RequestKeys: Sendable {
  private struct Name: Hashable {
    let channel: ChannelID
    let key: ExactString
  }

  private let names = PthreadMutex<Set<Name>>([])
  private let capacity: Int

  init(capacity: Int = IntakeBounds.requestKeysInFlight) {
    self.capacity = capacity
  }

  /// - Returns: false when a request with the key is in progress, or too many are.
  func begin(_ key: String, of channel: ChannelID) -> Bool {
    names.withLock { names in
      guard names.count < capacity else { return false }
      return names.insert(Name(channel: channel, key: ExactString(key))).inserted
    }
  }

  /// Releases the key once the request has its response.
  func end(_ key: String, of channel: ChannelID) {
    names.withLock { _ = $0.remove(Name(channel: channel, key: ExactString(key))) }
  }
}
