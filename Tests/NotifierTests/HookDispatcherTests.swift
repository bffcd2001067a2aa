import DeskCore
import Logging
import Messaging
import Observability
import PostgreSQL
import ServiceHealth
import ServiceProcess
import Store
import TestService
import Testing
import ZeroMQ

@testable import Notifier

@Suite(.timeLimit(.minutes(3))) struct HookDispatcherTests {
  private let logger = Logger.silent

  private static func policy(_ hooks: [String]) -> String {
    """
    version: 1
    agents: [{ id: ann, capacity: 4 }]
    queues: { general: {} }
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: general, below: 0.35 }
    channels: { web: { replies: fetch } }
    hooks:
    """ + hooks.map { "\n  \($0)" }.joined() + "\n"
  }

  private static func hook(_ name: String, at url: String) -> String {
    "\(name): { url: \"\(url)\", secrets: [\(HookDesk.secret)], kinds: all, allow_private_address: true }"
  }

  private static let shop = hook("shop", at: "https://shop.example/")
  private static let crm = hook("crm", at: "https://crm.example/")
  private static let unsigned =
    #"unsigned: { url: "https://ops.example/", secret_env: [A_SECRET_THAT_IS_NOT_SET], kinds: all }"#

  private func dispatching(
    to hooks: [String], _ body: (HookDesk, PolicyFollower, HookDispatcher) async throws -> Void
  ) async throws {
    try await HookDesk.with { desk in
      let policy = try await desk.follow(Self.policy(hooks))
      let thread = ZeroMQThread(context: try ZeroMQContext())
      let dispatcher = HookDispatcher(
        store: desk.store, policy: policy, hintSubscriber: HintSubscriber(on: thread, topics: [], keys: nil),
        held: HeldHooks(store: desk.store, metrics: desk.metrics, logger: logger), logger: logger,
        makeWorker: try await desk.workers())
      do {
        try await body(desk, policy, dispatcher)
      } catch {
        await thread.stop()
        throw error
      }
      await thread.stop()
    }
  }

  /// Runs one round.
  /// - Returns: the new workers.
  private func settle(
    _ dispatcher: HookDispatcher, expecting turn: PeriodicTask.Turn = .done(.regular)
  ) async -> [HookWorker] {
    var started: [HookWorker] = []
    let actual = await dispatcher.runOnce { started.append($0) }
    #expect(actual == turn)
    return started
  }

  private func atWork(_ dispatcher: HookDispatcher) -> [HookID] { dispatcher.atWork.map(\.hook.id) }

  @Test func aHookThatIsNeitherPausedNorHeldHasOneWorker() async throws {
    try await dispatching(to: [Self.shop, Self.crm, Self.unsigned]) { desk, _, dispatcher in
      try await desk.store.hooks.pauseHook("crm", reason: "maintenance")
      #expect(await settle(dispatcher).map(\.hook.id) == ["shop"])
      #expect(await settle(dispatcher).isEmpty, "it has its worker")
      try await desk.store.hooks.resumeHook("crm", reason: nil)
      #expect(await settle(dispatcher).map(\.hook.id) == ["crm"])
      try await desk.store.hooks.pauseHook("shop", reason: "maintenance")
      #expect(await settle(dispatcher).isEmpty)
      #expect(atWork(dispatcher) == ["crm"])
      #expect(desk.metrics.render().contains(#"frontdesk_notifier_held_hooks{hook="unsigned"} 1"#))
    }
  }

  @Test func aChangedHookGetsANewWorkerAndTheOldOneStops() async throws {
    try await dispatching(to: [Self.shop, Self.crm]) { desk, policy, dispatcher in
      let first = await settle(dispatcher)
      #expect(Set(first.map(\.hook.id)) == ["shop", "crm"])
      _ = try await desk.store.access.applyPolicy(
        document: Self.policy([Self.hook("shop", at: "https://new.example/"), Self.crm]), by: "test")
      try await policy.look()
      let second = await settle(dispatcher)
      #expect(second.map(\.hook.url) == ["https://new.example/"])
      #expect(atWork(dispatcher) == ["crm", "shop"])
      let old = try #require(first.first { $0.hook.id == "shop" })
      // It delivers nothing more: it ends at once.
      await old.run()
      #expect(old.hasEnded)
    }
  }

  @Test func aFailedRoundKeepsTheWorkersAndIsCounted() async throws {
    try await dispatching(to: [Self.shop]) { desk, _, dispatcher in
      _ = await settle(dispatcher)
      try await desk.store.hooks.pauseHook("shop", reason: "maintenance")
      try await desk.run("ALTER TABLE desk.hook_state RENAME TO hidden")
      #expect(await settle(dispatcher, expecting: .failed).isEmpty)
      #expect(atWork(dispatcher) == ["shop"])
      let task = try #require(dispatcher.tasks.first { $0.name == "paused_hooks" })
      #expect(task.failuresTotal == 1)
      try await desk.run("ALTER TABLE desk.hidden RENAME TO hook_state")
      #expect(await settle(dispatcher).isEmpty)
      #expect(atWork(dispatcher).isEmpty)
      #expect(task.failuresTotal == 1)
    }
  }

  /// Otherwise deliveries to the hook would stop without any sign.
  @Test(arguments: [true, false])
  func aWorkerThatEndedAfterA410IsReplacedUnlessThePauseWasRecorded(isRecorded: Bool) async throws {
    let endpoint = try LocalEndpoint { _ in "410 Gone" }
    try await dispatching(to: [Self.hook("shop", at: endpoint.url)]) { desk, _, dispatcher in
      let worker = try #require(await settle(dispatcher).first)
      _ = try await desk.enqueueNotices(to: "shop")
      if !isRecorded {
        try await desk.run(
          "ALTER TABLE desk.hook_state ADD CONSTRAINT poison CHECK (disabled_at IS NULL) NOT VALID")
      }
      // Returns when it has recorded the outcome or has given up.
      await worker.run()
      #expect(endpoint.requests.count == 1)
      #expect(try await desk.store.hooks.pausedHooks() == (isRecorded ? ["shop"] : []))
      let successors = await settle(dispatcher)
      #expect(successors.count == (isRecorded ? 0 : 1))
      #expect(dispatcher.atWork.count == successors.count)
      #expect(dispatcher.atWork.allSatisfy { $0 !== worker })
      #expect(try await desk.waiting() == 1)
    }
  }

  @Test func deliversWhileItRunsAndEndsWhenCancelled() async throws {
    let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
    let endpoint = try LocalEndpoint { _ in
      arrive.yield()
      return "200 OK"
    }
    try await dispatching(to: [Self.hook("shop", at: endpoint.url)]) { desk, _, dispatcher in
      let enqueued = try await desk.enqueueNotices(3, to: "shop")
      let running = Task { try await dispatcher.run() }
      var count = 0
      for await _ in arrivals {
        count += 1
        if count == 3 { break }
      }
      running.cancel()
      try await running.value
      #expect(Set(endpoint.requests.compactMap { $0.headers["webhook-id"] }) == Set(enqueued.map(\.description)))
      #expect(dispatcher.atWork.allSatisfy { $0.hasEnded })
    }
  }
}
