import Store
import SystemPrimitives

/// Shares this process's time among senders: a fixed number of work items runs at once, and senders take turns (`FairLine`), so that a
/// sender of large requests on many connections delays another by the item in progress, and not by all of its waiting ones.
///
/// Waiting work is bounded by the requests that may be open.
final class FairTurns<Sender: Hashable & Sendable>: Sendable {
  private struct State {
    var running = 0
    var line = FairLine<Sender, CheckedContinuation<Void, Never>>()
  }

  private let atOnce: Int
  private let state = PthreadMutex(State())

  /// - Parameter atOnce: work items that run at the same time, 1 or more.
  init(atOnce: Int) {
    precondition(atOnce > 0, "nothing would ever run")
    self.atOnce = atOnce
  }

  /// Work items that wait for their turn.
  var waitingCount: Int { state.withLock { $0.line.count } }

  /// Work items that are running.
  var runningCount: Int { state.withLock { $0.running } }

  /// Runs a work item when it is the sender's turn.
  /// - Parameter work: computation that does not wait for anything.
  func turn<Result, Failure: Error>(
    of sender: Sender, _ work: () throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    await begin(sender)
    defer { end() }
    return try work()
  }

  /// Runs a work item at once if nothing is in its way.
  /// - Returns: nil if all turns are taken.
  func turnNow<Result>(_ work: () -> Result) -> Result? {
    let begins = state.withLock { state in
      guard state.running < atOnce else { return false }
      state.running += 1
      return true
    }
    guard begins else { return nil }
    defer { end() }
    return work()
  }

  private func begin(_ sender: Sender) async {
    await withCheckedContinuation { continuation in
      let begins = state.withLock { state in
        guard state.running >= atOnce else {
          state.running += 1
          return true
        }
        state.line.append(continuation, cost: 1, of: sender)
        return false
      }
      if begins { continuation.resume() }
    }
  }

  /// Passes the turn to the next in line, or returns it.
  private func end() {
    let next = state.withLock { state in
      let next = state.line.take(units: 1).first
      if next == nil { state.running -= 1 }
      return next
    }
    next?.resume()
  }
}
