import DeskCore
import HeapModule

/// What is to happen, in the order of time. Events of one time happen in the order in which they were put on the agenda.
struct Agenda {
  /// What can happen. A serial number that no longer is that of its ticket, agent or batch makes an event void.
  enum Event {
    case arrival(stream: Int)
    case recorded
    case decided(batch: Int)
    case returned(batch: Int)
    case answered(slot: Int, serial: Int, accepts: Bool)
    case expired(slot: Int, serial: Int)
    case handled(slot: Int, serial: Int)
    case gaveUp(slot: Int, ticket: Int)
    case deadline(slot: Int, ticket: Int)
    case matching
    case polling
    case shift(group: Int, change: Int)
    case back(agent: Int, serial: Int)
    case fault(number: Int, begins: Bool)
    case capacity
    case routersStarted(number: Int)
    case warmedUp
  }

  private struct Entry: Comparable {
    let at: Int64
    let serial: Int
    let event: Event

    static func < (left: Entry, right: Entry) -> Bool {
      left.at != right.at ? left.at < right.at : left.serial < right.serial
    }

    static func == (left: Entry, right: Entry) -> Bool { left.at == right.at && left.serial == right.serial }
  }

  private var heap = Heap<Entry>()
  private(set) var serial = 0

  /// Puts an event on the agenda.
  /// - Returns: its serial number.
  @discardableResult
  mutating func add(_ event: Event, at moment: Instant) -> Int {
    serial += 1
    heap.insert(Entry(at: moment.microseconds, serial: serial, event: event))
    return serial
  }

  /// A new serial number, for an event that is put on the agenda with it.
  mutating func nextSerial() -> Int {
    serial += 1
    return serial
  }

  /// The next event.
  mutating func next() -> (at: Instant, event: Event)? {
    heap.popMin().map { (Instant(microseconds: $0.at), $0.event) }
  }
}
