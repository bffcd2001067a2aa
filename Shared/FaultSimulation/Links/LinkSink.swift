import DeskCore
import Messaging
import Store
import Wire

/// The worker side of the links of a simulated process: `WorkerMachine` with simulated connections.
final class LinkSink {
  private unowned let process: SimulatedProcess
  private var machine: WorkerMachine
  private var connections: [WorkerMachine.ConnectionID: LinkConnection] = [:]
  private let deliver: ([LinkItem]) -> Void

  /// - Parameter deliver: is given the items.
  init(of process: SimulatedProcess, _ deliver: @escaping ([LinkItem]) -> Void) {
    self.process = process
    self.deliver = deliver
    var limits = WorkerMachine.Limits()
    limits.window = FaultSimulationBounds.creditWindow
    machine = WorkerMachine(hello: process.hello, limits: limits)
    tick()
  }

  /// Connects to the live instances of a service.
  func follow(_ service: String, among living: [ServiceInstance]) {
    let peers = living.filter { $0.service == service }.map {
      LinkPeer(instanceID: "\($0.id)", endpoint: $0.linkEndpoint ?? "", serverPublicKey: nil)
    }
    handle(.updated(peers))
  }

  func finish(_ ids: [ItemID]) {
    if !ids.isEmpty { handle(.finished(ids)) }
  }

  func refuse(_ ids: [ItemID], reason: String) {
    if !ids.isEmpty { handle(.refused(ids, reason: reason)) }
  }

  /// A frame of an upstream arrives.
  func receive(_ frame: LinkFrame, over id: WorkerMachine.ConnectionID) {
    handle(.received(frame, over: id))
  }

  private func tick() {
    process.after(MessagingBounds.tickInterval) { [unowned self] in
      handle(.ticked)
      tick()
    }
  }

  private func handle(_ event: WorkerMachine.Event) {
    for effect in machine.handle(event, now: process.world.now) {
      switch effect {
      case .connect(let peer, let id):
        guard let upstream = InstanceID(peer.instanceID) else { continue }
        connections[id] = LinkConnection(id, from: process, self, to: upstream)
      case .disconnect(let id): connections.removeValue(forKey: id)?.close()
      case .send(let frame, let id): connections[id]?.sendUp(frame)
      case .deliver(let items): deliver(items)
      case .finish: break
      }
    }
  }
}
