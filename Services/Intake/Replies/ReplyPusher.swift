import DeskCore
import Logging
import ServiceHealth
import Store
import SystemPrimitives
import ZeroMQ

/// Sends replies to the subscribers of the channels' ZeroMQ socket, until they are acknowledged.
final class ReplyPusher: Sendable {
  let task = WatchedTask("push_replies")
  private let store: ReplyStore
  private let keys: ChannelKeys
  private let metrics: IntakeMetrics
  private let logger: Logger
  private let subscriptions = PthreadMutex(ReplySubscriptions())

  init(store: ReplyStore, keys: ChannelKeys, metrics: IntakeMetrics, logger: Logger) {
    self.store = store
    self.keys = keys
    self.metrics = metrics
    self.logger = logger
  }

  /// Begins or renews the subscription of the peer that sent a request.
  /// - Returns: false when there are too many.
  func subscribe(_ peer: [UInt8], as user: ChannelUser, envelope: ChannelEnvelope, window: Int) -> Bool {
    subscriptions.withLock {
      $0.subscribe(peer, as: user, envelope: envelope, window: window, now: .now)
    }
  }

  /// Records what a channel reports. Any report of a reply acknowledges it.
  func record(
    _ receipts: [ReplyReceipt], of channel: ChannelID
  ) async throws -> [(outcome: ReplyDelivery.Outcome, state: ReplyState)?] {
    let outcomes = try await store.record(receipts, of: channel)
    subscriptions.withLock { $0.acknowledge(Set(receipts.map(\.reply)), of: channel) }
    return outcomes
  }

  /// Sends until it is cancelled.
  func run(_ send: @Sendable ([PeerMessage]) -> Void) async {
    while !Task.isCancelled {
      if !subscriptions.withLock({ $0.isEmpty }) {
        await task.attempt(logger) { try await pushOnce(now: .now, send) }
      }
      try? await Task.sleep(for: IntakeBounds.replyPollInterval)
    }
  }

  /// Sends what has room.
  func pushOnce(now: ContinuousClock.Instant, _ send: @Sendable ([PeerMessage]) -> Void) async throws {
    for turn in subscriptions.withLock({ $0.turns(now: now) }) {
      guard try await keys.channel(of: turn.user.key) == turn.user.channel else {
        subscriptions.withLock { $0.end(turn.peer) }
        continue
      }
      let replies = try await store.replies(
        of: turn.user.channel, after: turn.after, .queued, limit: turn.room)
      guard !replies.isEmpty else { continue }
      subscriptions.withLock { $0.sent(replies.map { ($0.id, $0.sequence) }, to: turn.peer, now: now) }
      metrics.replies(replies.count, by: .subscription)
      send(
        replies.map { reply in
          PeerMessage(
            peer: turn.peer,
            frames: turn.envelope.frames(ReplyFrames.reply, Array(ReplyJSON.reply(reply).json.utf8)))
        })
    }
  }
}

/// The content types of frames that are about replies; all bodies are JSON.
enum ReplyFrames {
  /// A subscription, and its confirmation.
  static let subscription = "application/vnd.frontdesk.reply-subscription+json"
  /// A reply, sent to a subscriber.
  static let reply = "application/vnd.frontdesk.reply+json"
  /// Reports about replies, and their results.
  static let receipts = "application/vnd.frontdesk.reply-receipts+json"
}
