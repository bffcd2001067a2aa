import DeskCore
import Store

/// The notifier: `HookBackOff` decides how much may be sent to an endpoint, `RetrySchedule` when a failed delivery is tried again.
final class NotifierProcess: SimulatedProcess {
  private var lanes: [HookID: (rest: HookBackOff, underWay: Int, wakes: Int)] = [:]

  override var service: String? { "notifier" }

  override func begin() {
    lanes = [:]
    for hook in SimulatedPolicy.policy.hooks.keys.sorted() {
      lanes[hook] = (
        HookBackOff(
          RetryPacing(
            ExponentialBackOff(from: .milliseconds(500), upTo: .seconds(30), jitter: 0.2), longestAsked: .seconds(300))),
        0, 0
      )
      poll(hook)
    }
  }

  override func hear(_ hint: Hint) {
    for hook in SimulatedPolicy.policy.hooks.keys.sorted() { claim(hook) }
  }

  private func poll(_ hook: HookID) {
    claim(hook)
    after(.milliseconds(500)) { [unowned self] in poll(hook) }
  }

  private func claim(_ hook: HookID) {
    guard let lane = lanes[hook] else { return }
    let room = lane.rest.room(limit: FaultSimulationBounds.lanes, underWay: lane.underWay, now: world.monotonic)
    guard room > 0 else { return }
    let me = instance
    // Counted before the answer, so that two claims at once do not exceed the room.
    lanes[hook]?.underWay += room
    execute({ $0.tables.claimNotices(for: hook, by: me, limit: room, claimTime: .seconds(60)) }) {
      [unowned self] result in
      let claimed = (try? result.get()) ?? []
      lanes[hook]?.underWay -= room - claimed.count
      for notice in claimed { deliver(notice) }
    }
  }

  private func deliver(_ notice: ClaimedNotice) {
    var isOver = false
    func settle(_ isDelivered: Bool) {
      guard !isOver else { return }
      isOver = true
      lanes[notice.hook]?.underWay -= 1
      if isDelivered {
        lanes[notice.hook]?.rest.succeeded()
      } else {
        lanes[notice.hook]?.rest.failed(askedFor: nil, now: world.monotonic, using: &random)
      }
      writeDown(notice, isDelivered: isDelivered, attempt: 1)
      if isDelivered { claim(notice.hook) }
    }
    after(FaultSimulationBounds.answerTimeout) { settle(false) }
    let (me, life) = (node, incarnation)
    for delay in world.network.delays(.request, from: node, to: .endpoint, at: world.now) {
      world.after(delay) { [unowned self] in
        guard let answer = world.endpoint.take(notice, at: world.now) else { return }
        for back in world.network.delays(.request, from: .endpoint, to: me, at: world.now) {
          world.after(back) { [unowned self] in
            if isRunning, incarnation == life { perform { settle(answer) } }
          }
        }
      }
    }
  }

  /// If every attempt fails, the claim ends and the delivery is repeated under the same id.
  private func writeDown(_ notice: ClaimedNotice, isDelivered: Bool, attempt: Int) {
    guard attempt <= 5 else { return }
    let attempts = Int(notice.attempts) + 1
    let delay = RetrySchedule.chat.delay(afterAttempts: attempts, using: &random)
    execute({ server in
      if isDelivered {
        _ = server.tables.delivered([notice.id])
      } else if let delay {
        server.tables.postpone(notice.id, by: delay)
      } else {
        server.tables.deadLetter(notice.id, reason: "not delivered in \(attempts) attempts")
      }
    }) { [unowned self] result in
      guard case .failure = result else {
        return note("\(isDelivered ? "delivered" : "could not deliver") \(notice.kind) to \(notice.hook)")
      }
      after(.milliseconds(500)) { [unowned self] in
        writeDown(notice, isDelivered: isDelivered, attempt: attempt + 1)
      }
    }
  }
}
