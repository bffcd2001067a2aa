import DeskCore
import Store
import SystemPrimitives

/// Counts the open streams of replies.
final class ReplyStreams: Sendable {
  /// The place of one open stream, free again when the last reference to it is gone: also when the client leaves before the stream begins.
  final class Place: Sendable {
    private let streams: ReplyStreams
    private let key: Identifier<APIKey>

    fileprivate init(_ streams: ReplyStreams, _ key: Identifier<APIKey>) {
      self.streams = streams
      self.key = key
    }

    deinit { streams.close(key) }
  }

  private let open = PthreadMutex<[Identifier<APIKey>: Int]>([:])
  private let all: Int
  private let perKey: Int

  init(all: Int = IntakeBounds.replyStreams, perKey: Int = IntakeBounds.replyStreamsPerKey) {
    self.all = all
    self.perKey = perKey
  }

  /// Returns a place for one more stream; nil when the key, or all keys together, have too many.
  func open(_ key: Identifier<APIKey>) -> Place? {
    let hasPlace = open.withLock { open in
      guard open.values.reduce(0, +) < all, open[key, default: 0] < perKey else { return false }
      open[key, default: 0] += 1
      return true
    }
    return hasPlace ? Place(self, key) : nil
  }

  private func close(_ key: Identifier<APIKey>) {
    open.withLock { open in
      let left = open[key, default: 0] - 1
      open[key] = left > 0 ? left : nil
    }
  }
}
