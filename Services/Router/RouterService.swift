import DeskCore
import Messaging
import Observability
import ServiceHealth
import ServiceLifecycle
import ServiceProcess
import Store
import ZeroMQ

/// A router worker, the elastic part of the system: more instances share the work, and if one stops, the others continue.
struct RouterService {
  static let name = "router"

  /// The parts, in start order.
  let parts: [any Service]

  init(_ runtime: ServiceRuntime) async throws {
    let configuration = RouterConfiguration(runtime.configuration)
    let metrics = RouterMetrics(runtime.metrics)
    let wakeUp = WakeUpSignal()
    let hints = try await runtime.hintPublisher()
    let hintSubscriber = runtime.hintSubscriber(topics: [HintTopics.queue, HintTopics.agent])
    let leases = LeaseKeeper(wanting: [], store: runtime.store, me: runtime.instance, logger: runtime.logger) { _ in
      metrics.leasesLost.increment()
    }
    let wake: @Sendable ([QueueID]) -> Void = { queues in
      wakeUp.ring()
      hints.publish(queues.map { HintPublisher.Hint(topic: HintTopics.queue, key: $0.rawValue) })
    }
    // A small credit window holds what is being decided and what comes next.
    runtime.work.open(places: max(1, min(configuration.batchLimit, configuration.creditWindow / 2)))
    let decisions = DecisionMaker(
      store: runtime.store, clock: runtime.clock, policy: runtime.policy, metrics: metrics, logger: runtime.logger,
      wake: wake, work: runtime.work)
    let sink = runtime.workSink(creditWindow: configuration.creditWindow, batchLimit: configuration.batchLimit)
    let policy = runtime.policy
    parts = [
      LinkWorker(sink: sink, decisions: decisions, drainTime: configuration.drainTime, logger: runtime.logger),
      runtime.follow(linksOf: "classifier", with: sink, under: policy),
      runtime.awaitLinks(of: "classifier", from: sink),
      StaleWorkSweeper(
        store: runtime.store, decisions: decisions, clock: runtime.clock, policy: policy, metrics: metrics,
        logger: runtime.logger, batchLimit: configuration.batchLimit),
      QueueDepthCounter(store: runtime.store, depths: decisions.depths, policy: policy, logger: runtime.logger),
      leases,
      QueueOwnership(fleet: runtime.fleet, policy: policy, leases: leases),
      runtime.follow(hintsOf: [RouterService.name, "console"], with: hintSubscriber),
      WakeUpSource(hintSubscriber: hintSubscriber, leases: leases, wakeUp: wakeUp),
      OfferMaker(
        store: runtime.store, clock: runtime.clock, policy: policy, leases: leases, hints: hints, metrics: metrics,
        logger: runtime.logger, wakeUp: wakeUp),
      OfferExpirer(
        store: runtime.store, clock: runtime.clock, policy: policy, leases: leases, metrics: metrics,
        logger: runtime.logger, wake: wake),
      QueuePositionNotifier(
        store: runtime.store, clock: runtime.clock, policy: policy, leases: leases, logger: runtime.logger
      ) { hints.publish([HintPublisher.Hint(topic: HintTopics.outbox)]) },
      ReplyReclaimer(
        store: runtime.store, clock: runtime.clock, policy: policy, leases: leases, logger: runtime.logger, wake: wake),
      FailedReplyReturner(
        store: runtime.store, clock: runtime.clock, policy: policy, leases: leases, logger: runtime.logger, wake: wake),
    ]
  }
}

/// Turns hints into wake-ups.
struct WakeUpSource: Service {
  let hintSubscriber: HintSubscriber
  let leases: LeaseKeeper
  let wakeUp: WakeUpSignal

  func run() async throws {
    await cancelWhenGracefulShutdown {
      for await hints in hintSubscriber.hints where hints.contains(where: concernsUs) { wakeUp.ring() }
    }
    await hintSubscriber.close()
  }

  /// Every router is notified of every queue; those that own it react.
  private func concernsUs(_ hint: HintPublisher.Hint) -> Bool {
    hint.topic != HintTopics.queue || leases.fence(QueueOwnership.lease(of: QueueID(hint.key))) != nil
  }
}
