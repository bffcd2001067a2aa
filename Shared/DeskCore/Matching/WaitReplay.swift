/// Replays how the tickets of one queue waited, and compares what each estimator would have said when a ticket joined with how long it then
/// waited.
///
/// Tickets are taken to be served in the order in which they came, so the queue position is the number that waits before; where the queue
/// puts some first, all estimators err alike. Only tickets that had to wait are compared, like in Ibrahim and Whitt's studies.
public struct WaitReplay: Sendable {
  /// How one ticket waited.
  public struct Wait: Hashable, Sendable {
    public let ticket: TicketID
    public let joined: Instant
    public let left: Instant
    /// Whether it left the queue for an agent.
    public let isServed: Bool

    public init(ticket: TicketID, joined: Instant, left: Instant, isServed: Bool) {
      self.ticket = ticket
      self.joined = joined
      self.left = max(joined, left)
      self.isServed = isServed
    }
  }

  /// A ticket offered within this time did not have to wait: a round of matching takes as long.
  public static let noWait: Duration = .seconds(2)

  /// Wait minus estimate in seconds, by estimator, for the tickets that were served after a wait and could be estimated.
  public private(set) var errors: [DelayEstimator: [Double]] = [:]
  /// The tickets that were served after a wait.
  public private(set) var waited = 0

  /// - Parameters:
  ///   - waits: of one queue and one stretch of time, in any order.
  ///   - handlingSeconds: how long agents work on a ticket on average; nil if unknown. The estimators by queue length need it.
  ///   - patienceSeconds: the customers' mean patience; nil where none gave up.
  public init(_ waits: [Wait], handlingSeconds: Double?, patienceSeconds: Double?) {
    let waits = waits.sorted { ($0.joined, $0.ticket) < ($1.joined, $1.ticket) }
    guard let first = waits.first else { return }
    let places = Self.places(of: waits, handlingSeconds: handlingSeconds)
    let leaving = waits.indices.sorted { (waits[$0].left, $0) < (waits[$1].left, $1) }
    var estimator = WaitEstimator(now: first.joined)
    var hasLeft = Array(repeating: false, count: waits.count)
    var (nextLeaving, head, present) = (0, 0, 0)
    var lastWaited: Double?
    for (place, wait) in waits.enumerated() {
      while nextLeaving < leaving.count, waits[leaving[nextLeaving]].left <= wait.joined, leaving[nextLeaving] < place {
        let other = waits[leaving[nextLeaving]]
        hasLeft[leaving[nextLeaving]] = true
        nextLeaving += 1
        present -= 1
        guard other.isServed else { continue }
        _ = estimator.served(CollectionOfOne(other.ticket), now: other.left)
        lastWaited = (other.left - other.joined).inSeconds
      }
      while head < place, hasLeft[head] { head += 1 }
      if wait.isServed, wait.left - wait.joined > Self.noWait {
        waited += 1
        let observation = QueueObservation(
          ahead: present, pace: estimator.pace(now: wait.joined), places: places,
          handlingSeconds: handlingSeconds ?? 0, patienceSeconds: patienceSeconds,
          headWaited: head < place ? (wait.joined - waits[head].joined).inSeconds : nil, lastWaited: lastWaited)
        for method in DelayEstimator.allCases {
          guard let estimate = method.seconds(observation) else { continue }
          errors[method, default: []].append((wait.left - wait.joined).inSeconds - estimate)
        }
      }
      present += 1
    }
  }

  /// How many tickets agents worked on at once while others waited: those that were served within one handling time before, on average.
  private static func places(of waits: [Wait], handlingSeconds: Double?) -> Int {
    guard let handlingSeconds, handlingSeconds > 0, handlingSeconds < 1e6 else { return 0 }
    let served = waits.filter(\.isServed).map(\.left).sorted()
    let handling = Duration.microseconds(Int64(handlingSeconds * 1_000_000))
    var (low, high, sum, moments) = (0, 0, 0, 0)
    for wait in waits where wait.isServed && wait.left - wait.joined > noWait {
      while high < served.count, served[high] <= wait.joined { high += 1 }
      while low < high, served[low] <= wait.joined - handling { low += 1 }
      sum += high - low
      moments += 1
    }
    return moments > 0 ? Int((Double(sum) / Double(moments)).rounded()) : 0
  }
}
