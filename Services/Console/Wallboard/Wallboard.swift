import DeskCore
import Store

/// The state of the desk at a glance, as leads and operators see it.
struct Wallboard: Sendable, Hashable {
  /// The agents who may serve a queue, by what they can take.
  struct Staff: Sendable, Hashable {
    /// Available with free capacity; available without; in reserve; away; offline.
    var free = 0
    var full = 0
    var reserve = 0
    var away = 0
    var offline = 0

    mutating func add(_ row: AgentRow) {
      switch row.presence {
      case .available:
        if row.load < row.capacity { free += 1 } else { full += 1 }
      case .reserve: reserve += 1
      case .away: away += 1
      case .offline: offline += 1
      }
    }
  }

  /// One queue of the policy, also when it is empty, or one that still has tickets.
  struct Queue: Sendable, Hashable {
    let queue: QueueID
    var waiting: Int64 = 0
    var offered: Int64 = 0
    var assigned: Int64 = 0
    var late: Int64 = 0
    var oldestWaiting: Instant?
    /// How long a ticket that came now would wait; nil when none went to an agent lately.
    var expectedWait: Duration?
    /// Of the tickets opened today; nil when it is not known.
    var kept: KeptPromises?
    var staff = Staff()
  }

  var queues: [Queue] = []
  var staff = Staff()
  /// Messages without a decision, and since when the oldest waits.
  var undecided: Int64 = 0
  var oldestUndecided: Instant?
  var deadLetters: Int64 = 0
  /// The ready processes of each service.
  // exact-keys: names of our own services
  var ready: [String: Int] = [:]
  var stuck: [StuckQueue] = []
  var hotIssues: [HotIssue] = []
  /// Whether there is a past to compare with; without it nothing is hot.
  var isHotJudged = true
  var crises: [CrisisCase] = []
  /// The zone whose day counts as today, and when it began; nil when the kept promises are not known.
  var today: Today?

  struct Today: Sendable, Hashable {
    let zone: String
    let start: Instant
  }
}
