import DeskCore

/// The messages of one request: all from one channel, because a key belongs to one.
struct OutgoingBatch: Sendable, Equatable {
  /// Counts requests from zero.
  let number: Int
  let channel: ChannelID
  var messages: [SentMessage]
  /// When it is due, relative to the start; nil for at once.
  let due: Duration?
}

/// Batches messages into requests on demand and in order, so that millions need not be held in memory.
actor MessageLine {
  private let count: Int
  private let batchLimit: Int
  private let schedule: ArrivalSchedule
  private let message: @Sendable (Int) throws -> SentMessage
  private var position = 0
  private var batches = 0
  private var handedOut = 0
  private var gathered: [ChannelID: [SentMessage]] = [:]

  /// - Parameters:
  ///   - count: the total number of messages.
  ///   - message: returns the message at a position.
  init(
    count: Int, batchLimit: Int, schedule: ArrivalSchedule, message: @escaping @Sendable (Int) throws -> SentMessage
  ) {
    precondition(batchLimit > 0, "a request has at least one message")
    self.count = count
    self.batchLimit = batchLimit
    self.schedule = schedule
    self.message = message
  }

  /// Returns the next request; nil when there are no more.
  func next() throws -> OutgoingBatch? {
    while position < count {
      let next = try message(position)
      position += 1
      gathered[next.channel, default: []].append(next)
      if gathered[next.channel, default: []].count >= batchLimit { return take(next.channel) }
    }
    return gathered.keys.min().flatMap(take)
  }

  private func take(_ channel: ChannelID) -> OutgoingBatch? {
    guard let messages = gathered.removeValue(forKey: channel) else { return nil }
    defer {
      batches += 1
      handedOut += messages.count
    }
    return OutgoingBatch(number: batches, channel: channel, messages: messages, due: schedule.due(after: handedOut))
  }
}
