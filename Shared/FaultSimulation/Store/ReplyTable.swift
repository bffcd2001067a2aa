import DeskCore
import Store

/// A reply on its way to the customer.
struct ReplyRow: Sendable {
  let id: MessageID
  let channel: ChannelID
  let customer: String
  /// The channel's hook when it was written; nil: the channel fetches it.
  let hook: HookID?
  /// Counts all replies, in the order in which they were written.
  let position: Int
  let writtenAt: Instant
  /// Its number among the channel's replies; nil until the channel reads it.
  var sequence: Int64?
  var delivery: ReplyDelivery
  /// Whether its failure has brought the ticket back to a person, or brings nothing back.
  var isReturned = false

  var isFailed: Bool { delivery.state == .failed && !isReturned }
}

/// Replies to customers, numbered for each channel when it reads them.
struct ReplyTable: Sendable {
  /// A reply at a place in an order.
  struct Placed: Hashable, Comparable, Sendable {
    let place: Int64
    let id: MessageID

    static func < (left: Self, right: Self) -> Bool {
      left.place != right.place ? left.place < right.place : left.id < right.id
    }

    /// Before all replies behind a place.
    static func after(_ place: Int64) -> Placed { Placed(place: place + 1, id: MessageID(high: 0, low: 0)) }
  }

  private struct Channel {
    var fresh = SortedBuckets<Placed>()
    var numbered = SortedBuckets<Placed>()
    var queued = SortedBuckets<Placed>()
    var newest: Int64 = 0
  }

  private(set) var rows: [MessageID: ReplyRow] = [:]
  private var channels: [ChannelID: Channel] = [:]
  /// Failed replies that have not brought their tickets back.
  private(set) var failed = SortedBuckets<MessageID>()
  private var written = 0

  mutating func add(_ id: MessageID, on channel: ChannelID, to customer: String, by hook: HookID?, at now: Instant) {
    written += 1
    self[id] = ReplyRow(
      id: id, channel: channel, customer: customer, hook: hook, position: written, writtenAt: now,
      delivery: ReplyDelivery(writtenAt: now))
  }

  /// Numbers the channel's new replies, at most so many.
  mutating func number(_ channel: ChannelID, limit: Int) {
    for placed in channels[channel]?.fresh.first(limit, from: nil) ?? [] {
      guard var row = rows[placed.id] else { continue }
      let next = newest(of: channel) + 1
      channels[channel]?.newest = next
      row.sequence = next
      self[row.id] = row
    }
  }

  func newest(of channel: ChannelID) -> Int64 { channels[channel]?.newest ?? 0 }

  /// The channel's numbered replies behind a number, or those of them that it has not got.
  func replies(of channel: ChannelID, after cursor: Int64, areQueued: Bool, limit: Int) -> [ReplyRow] {
    guard let channel = channels[channel] else { return [] }
    return (areQueued ? channel.queued : channel.numbered).elements(from: .after(cursor), limit: limit)
      .compactMap { rows[$0.id] }
  }

  /// Queues a failed reply again, under a new number.
  mutating func queueAgain(_ id: MessageID, at now: Instant) {
    guard var row = rows[id], row.delivery.state == .failed else { return }
    row.delivery = ReplyDelivery(writtenAt: now)
    row.sequence = nil
    row.isReturned = false
    self[id] = row
  }

  subscript(_ id: MessageID) -> ReplyRow? {
    get { rows[id] }
    set {
      if let old = rows[id] { index(old, isAdded: false) }
      rows[id] = newValue
      if let newValue { index(newValue, isAdded: true) }
    }
  }

  private mutating func index(_ row: ReplyRow, isAdded: Bool) {
    if row.isFailed { if isAdded { failed.insert(row.id) } else { failed.remove(row.id) } }
    var channel = channels.removeValue(forKey: row.channel) ?? Channel()
    func change(_ set: inout SortedBuckets<Placed>, _ place: Int64) {
      let placed = Placed(place: place, id: row.id)
      if isAdded { set.insert(placed) } else { set.remove(placed) }
    }
    if let sequence = row.sequence {
      change(&channel.numbered, sequence)
      if row.delivery.state == .queued { change(&channel.queued, sequence) }
    } else {
      change(&channel.fresh, Int64(row.position))
    }
    channels[row.channel] = channel
  }
}
