import DeskCore
import ServiceProcess
import Store

/// Messages and agents' replies of the last hours by queue, in intervals.
struct DeskFlow: Sendable, Hashable {
  struct Line: Sendable, Hashable {
    /// One figure for each interval, oldest first.
    var arrivals: [Int64]
    var answers: [Int64]
  }

  /// When the intervals begin. The last one is not over.
  let starts: [Instant]
  /// Until when messages were counted.
  let countedUntil: Instant
  let queues: [QueueID: Line]
}

/// Counts the flow. Intervals that are over are counted once, so that each round reads minutes and not hours of messages.
actor FlowReader {
  /// The arrivals and answers of one interval by queue.
  private typealias Counts = [QueueID: (arrivals: Int64, answers: Int64)]

  private let history: DeskReader
  private let clock: DatabaseClock
  private var settled: [Instant: Counts] = [:]

  init(history: DeskReader, clock: DatabaseClock) {
    self.history = history
    self.clock = clock
  }

  func read() async throws -> DeskFlow {
    try await history.read { source in
      // A replica has everything up to the moment that its data is dated by, and counts until then.
      try await read(source.store, until: source.replica?.asOf ?? clock.now())
    }
  }

  private func read(_ store: DeskStore, until now: Instant) async throws -> DeskFlow {
    let starts = Self.starts(at: now)
    settled = settled.filter { starts.contains($0.key) }
    // What is missing is the newest part, but for a time in which the clock was set.
    let asked = Array(starts.drop { settled[$0] != nil })
    var counted: [Instant: Counts] = [:]
    for start in asked { counted[start] = [:] }
    for row in try await store.reports.flow(from: asked, to: now, timeout: WallboardBounds.historyTimeout)
    where asked.indices.contains(row.interval) {
      counted[asked[row.interval], default: [:]][row.queue] = (row.arrivals, row.answers)
    }
    for (start, counts) in counted
    where start + WallboardBounds.flowInterval + WallboardBounds.flowSettles <= now {
      settled[start] = counts
    }
    let all = settled.merging(counted) { _, new in new }
    var lines: [QueueID: DeskFlow.Line] = [:]
    for (index, start) in starts.enumerated() {
      for (queue, counts) in all[start] ?? [:] {
        let zeros = [Int64](repeating: 0, count: starts.count)
        var line = lines[queue] ?? DeskFlow.Line(arrivals: zeros, answers: zeros)
        line.arrivals[index] = counts.arrivals
        line.answers[index] = counts.answers
        lines[queue] = line
      }
    }
    return DeskFlow(starts: starts, countedUntil: now, queues: lines)
  }

  /// The beginnings of the intervals up to the one that contains `now`, at whole multiples of their length.
  static func starts(at now: Instant) -> [Instant] {
    let length = WallboardBounds.flowInterval.wholeMicroseconds
    let last = now.microseconds / length * length
    return (1 - WallboardBounds.flowIntervals...0).map { Instant(microseconds: last + Int64($0) * length) }
  }
}
