import DeskCore
import Messaging
import ServiceKit
import ServiceLifecycle
import Store
import ZeroMQ

/// A router worker: the elastic part of the desk. Start more, and they take work; stop one, and the others go on.
struct RouterService {
  static let name = "router"

  /// The parts, in the order in which they are started.
  let parts: [any Service]

  init(_ runtime: ServiceRuntime) async throws {
    let configuration = RouterConfiguration(runtime.configuration)
    let metrics = RouterMetrics(runtime.metrics)
    let (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let hints = try await runtime.hintPublisher()
    let ears = runtime.hintSubscriber(topics: [HintTopics.queue, HintTopics.agent])
    let leases = LeaseKeeper(wanting: [], store: runtime.store, me: runtime.instance, logger: runtime.logger) { _ in
      metrics.leasesLost.increment()
    }
    let wake: @Sendable ([QueueID]) -> Void = { queues in
      wakeUp.yield()
      Task { await hints.publish(queues.map { HintPublisher.Hint(topic: HintTopics.queue, key: $0.rawValue) }) }
    }
    let decisions = DecisionMaker(
      store: runtime.store, clock: runtime.clock, policy: runtime.policy, metrics: metrics, logger: runtime.logger,
      wake: wake)
    let sink = runtime.workSink(creditWindow: configuration.creditWindow, batchLimit: RouterBounds.itemsPerDecision)
    let policy = runtime.policy
    parts = [
      LinkWorker(sink: sink, decisions: decisions, drainTime: configuration.drainTime, logger: runtime.logger),
      runtime.follow(linksOf: "classifier", with: sink) { policy.current != nil },
      StaleWorkSweeper(
        store: runtime.store, decisions: decisions, clock: runtime.clock, policy: policy, metrics: metrics,
        logger: runtime.logger),
      leases,
      QueueOwnership(fleet: runtime.fleet, policy: policy, leases: leases),
      runtime.follow(hintsOf: [RouterService.name, "console"], with: ears),
      WakeUps(ears: ears, leases: leases, wakeUp: wakeUp),
      OfferMaker(
        store: runtime.store, clock: runtime.clock, policy: policy, leases: leases, hints: hints, metrics: metrics,
        logger: runtime.logger, wakeUps: wakeUps),
      DeskKeeper(
        store: runtime.store, clock: runtime.clock, policy: policy, leases: leases, metrics: metrics,
        logger: runtime.logger, wake: wake),
      PlaceTeller(
        store: runtime.store, clock: runtime.clock, policy: policy, leases: leases, logger: runtime.logger
      ) { await hints.publish([HintPublisher.Hint(topic: HintTopics.outbox)]) },
      ReplyReclaimer(
        store: runtime.store, clock: runtime.clock, policy: policy, leases: leases, logger: runtime.logger, wake: wake),
    ]
  }
}

/// Turns hints and the passing of time into wake-ups.
struct WakeUps: Service {
  let ears: HintSubscriber
  let leases: LeaseKeeper
  let wakeUp: AsyncStream<Void>.Continuation

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          for await hints in ears.hints where hints.contains(where: concernsUs) { wakeUp.yield() }
        }
        group.addTask {
          while !Task.isCancelled {
            wakeUp.yield()
            try? await Task.sleep(for: RouterBounds.matchingPause)
          }
        }
        await group.waitForAll()
      }
    }
    await ears.close()
  }
  /// Every router hears of every queue; those that own it look.
  private func concernsUs(_ hint: HintPublisher.Hint) -> Bool {
    hint.topic != HintTopics.queue || leases.fence(QueueOwnership.lease(of: QueueID(hint.key))) != nil
  }
}
