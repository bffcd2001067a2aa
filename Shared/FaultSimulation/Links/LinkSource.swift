import DeskCore
import Messaging
import Store
import Wire

/// The upstream side of a link in a simulated process: `UpstreamMachine` with simulated connections.
final class LinkSource {
  private unowned let process: SimulatedProcess
  private var machine: UpstreamMachine
  private var connections: [WorkerRoute: LinkConnection] = [:]
  private let take: ([WorkOutcome]) -> Void

  /// - Parameter take: is given the outcomes of items.
  init(of process: SimulatedProcess, _ take: @escaping ([WorkOutcome]) -> Void) {
    self.process = process
    self.take = take
    machine = UpstreamMachine(hello: process.hello)
    tick()
  }

  /// - Returns: how many were taken, from the front.
  func offer(_ items: [LinkItem]) -> Int {
    let (taken, effects) = machine.offer(items, unreported: 0, now: process.world.now)
    perform(effects)
    return taken
  }

  /// How many more items workers would take now.
  var room: Int {
    let state = machine.snapshot(unreported: 0, now: process.world.now)
    return state.credit - state.waitingCount
  }

  /// A frame of a worker arrives.
  func receive(_ frame: LinkFrame, over connection: LinkConnection) {
    connections[connection.route] = connection
    perform(machine.handle(.received(frame, from: connection.route), now: process.world.now))
  }

  private func tick() {
    process.after(MessagingBounds.tickInterval) { [unowned self] in
      perform(machine.handle(.ticked, now: process.world.now))
      tick()
    }
  }

  private func perform(_ effects: [UpstreamMachine.Effect]) {
    for effect in effects {
      switch effect {
      case .report(let outcomes): take(outcomes)
      case .send(let frame, let route): connections[route]?.sendDown(frame)
      }
    }
  }
}
