import DeskCore
import Messaging
import Store
import Wire

/// A connection of a worker to one life of an upstream process. Frames keep their order, unless a fault changes it.
final class LinkConnection {
  /// How the upstream knows it.
  let route: WorkerRoute
  private let id: WorkerMachine.ConnectionID
  private unowned let worker: SimulatedProcess
  private let workerLife: Int
  private weak var sink: LinkSink?
  private let upstream: InstanceID
  private var isOpen = true
  private var lastUp: Duration = .zero
  private var lastDown: Duration = .zero

  init(_ id: WorkerMachine.ConnectionID, from worker: SimulatedProcess, _ sink: LinkSink, to upstream: InstanceID) {
    self.id = id
    self.worker = worker
    workerLife = worker.incarnation
    self.sink = sink
    self.upstream = upstream
    let number = worker.node.role.rawValue << 32 + worker.node.number << 24 + worker.incarnation << 16 + Int(id)
    route = WorkerRoute(bytes: (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) })
  }

  func close() { isOpen = false }

  /// From the worker to the upstream.
  func sendUp(_ frame: LinkFrame) {
    let world = worker.world
    guard let receiver = world.process(of: upstream) else { return }
    for delay in world.network.delays(.link, from: worker.node, to: receiver.node, at: world.now) {
      let arrival = inOrder(world.now + delay, after: &lastUp)
      world.after(arrival - world.now) { [self] in
        guard isOpen, let receiver = worker.world.process(of: upstream) else { return }
        receiver.perform { receiver.source?.receive(frame, over: self) }
      }
    }
  }

  /// From the upstream to the worker.
  func sendDown(_ frame: LinkFrame) {
    let world = worker.world
    guard isOpen, let sender = world.process(of: upstream) else { return }
    for delay in world.network.delays(.link, from: sender.node, to: worker.node, at: world.now) {
      let arrival = inOrder(world.now + delay, after: &lastDown)
      world.after(arrival - world.now) { [self] in
        guard isOpen, worker.isRunning, worker.incarnation == workerLife else { return }
        worker.perform { [self] in if isOpen { sink?.receive(frame, over: id) } }
      }
    }
  }

  private func inOrder(_ arrival: Duration, after last: inout Duration) -> Duration {
    if worker.world.network.mayReorder(at: worker.world.now) { return arrival }
    last = max(last, arrival)
    return last
  }
}

extension SimulatedProcess {
  /// How it introduces itself on its links.
  var hello: WireHello {
    LinkIdentity(service: service ?? "", instanceID: "\(instance)", build: "simulated").hello
  }
}
