package import DeskCore

/// Tracks the places on the link: reserved by a statement in progress, kept for a message to be offered, or used by a message that the link
/// has.
///
/// Places are accounted by message and not by number. An instance that was presumed dead adopts messages that its link still has, and an
/// attempt whose answer was lost is committed again: each message still has one place, and releases it once.
///
/// Invariants: no more places are used than exist. When every reservation has ended and every offered message has its outcome, all places
/// are free.
package struct LinkPlaces: Sendable {
  /// A reservation of places for the messages of one statement.
  package struct Promise: Hashable, Sendable {
    fileprivate let number: UInt64
  }

  private enum Use {
    case kept
    case offered
  }

  /// Messages that the link may have at once.
  package let capacity: Int
  private var promised: [Promise: Int] = [:]
  private var promisedCount = 0
  private var uses: [MessageID: Use] = [:]
  private var lastNumber: UInt64 = 0

  package init(capacity: Int) {
    self.capacity = capacity
  }

  /// Places that are reserved, kept or used.
  package var usedCount: Int { promisedCount + uses.count }

  /// Places that are free.
  package var room: Int { max(0, capacity - usedCount) }

  /// Reserves places for messages that may come, so that concurrent statements do not reserve the same ones.
  /// - Returns: nil when there are not enough. Each reservation ends with `keep` or `withdraw`.
  package mutating func promise(_ count: Int) -> Promise? {
    guard count <= room else { return nil }
    lastNumber += 1
    let promise = Promise(number: lastNumber)
    promised[promise] = count
    promisedCount += count
    return promise
  }

  /// Ends a statement: its messages keep places until they are offered, and the other places are free.
  /// - Parameter messages: at most as many as were reserved.
  package mutating func keep(_ promise: Promise, for messages: some Sequence<MessageID>) {
    guard withdraw(promise) else { return }
    for message in messages where uses[message] == nil { uses[message] = .kept }
  }

  /// Ends a statement without effect.
  /// - Returns: whether the reservation existed until now.
  @discardableResult
  package mutating func withdraw(_ promise: Promise) -> Bool {
    guard let count = promised.removeValue(forKey: promise) else { return false }
    promisedCount -= count
    return true
  }

  /// Returns which of these messages the caller must offer: those that have a place and are not with the link already.
  package mutating func offer(_ messages: some Sequence<MessageID>) -> Set<MessageID> {
    var offered: Set<MessageID> = []
    for message in messages where uses[message] == .kept {
      uses[message] = .offered
      offered.insert(message)
    }
    return offered
  }

  /// Frees the places of messages that the link has finished or did not accept.
  package mutating func free(_ messages: some Sequence<MessageID>) {
    for message in messages { uses[message] = nil }
  }
}
