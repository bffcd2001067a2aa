import DeskCore

/// Whose places on the link are: promised to a statement under way, kept for a message that is to be offered, or taken by one that the link
/// has.
///
/// Places are accounted by message and not by number. An instance that was taken for dead adopts messages that its link still has, and an
/// attempt whose answer was lost is committed again: each message has one place all the same, and gives it back once.
///
/// What holds always: no more places are used than there are. When every promise has ended and every message that was offered
/// has its outcome, all places are free.
struct LinkPlaces: Sendable {
  /// Places for the messages of one statement.
  struct Promise: Hashable, Sendable {
    fileprivate let number: UInt64
  }

  private enum Use {
    case kept
    case offered
  }

  /// Messages that the link may have at once.
  let capacity: Int
  private var promised: [Promise: Int] = [:]
  private var promisedCount = 0
  private var uses: [MessageID: Use] = [:]
  private var lastNumber: UInt64 = 0

  init(capacity: Int) {
    self.capacity = capacity
  }

  /// Places that are free.
  var room: Int { max(0, capacity - promisedCount - uses.count) }

  /// Promises places for messages that may come, so that statements under way at once are not promised the same ones.
  /// - Returns: nil when there are not so many. Each promise ends with `keep` or `withdraw`.
  mutating func promise(_ count: Int) -> Promise? {
    guard count <= room else { return nil }
    lastNumber += 1
    let promise = Promise(number: lastNumber)
    promised[promise] = count
    promisedCount += count
    return promise
  }

  /// The statement ended: its messages keep places until they are offered, and the other places are free.
  /// - Parameter messages: at most as many as were promised.
  mutating func keep(_ promise: Promise, for messages: some Sequence<MessageID>) {
    guard withdraw(promise) else { return }
    for message in messages where uses[message] == nil { uses[message] = .kept }
  }

  /// The statement ended without effect.
  /// - Returns: whether the promise stood until now.
  @discardableResult
  mutating func withdraw(_ promise: Promise) -> Bool {
    guard let count = promised.removeValue(forKey: promise) else { return false }
    promisedCount -= count
    return true
  }

  /// Which of these messages the caller is to offer: those that have a place and are not with the link already.
  mutating func offer(_ messages: some Sequence<MessageID>) -> Set<MessageID> {
    var offered: Set<MessageID> = []
    for message in messages where uses[message] == .kept {
      uses[message] = .offered
      offered.insert(message)
    }
    return offered
  }

  /// The link has done with these messages, or did not take them.
  mutating func free(_ messages: some Sequence<MessageID>) {
    for message in messages { uses[message] = nil }
  }
}
