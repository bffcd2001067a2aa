import DeskCore
import Messaging
import PostgreSQL
import ServiceHealth
import ServiceProcess
import Store
import Testing
import ZeroMQ

@testable import Router

/// Two routers on one PostgreSQL, each with its own leases, as two processes would hold them.
@Suite("Two routers") struct TwoRoutersTests {
  private struct Worker {
    let maker: OfferMaker
    let leases: LeaseKeeper
  }

  private static let text = """
    version: 1
    teams: {desk: {}}
    agents:
      - {ids: agent-1..agent-5, teams: [desk], capacity: 3}
    queues:
      one: {teams: [desk]}
      two: {teams: [desk]}
      three: {teams: [desk]}
    rules:
      - {name: one, when: {category: one}, queue: one}
      - {name: two, when: {category: two}, queue: two}
    default_queue: three
    triage: {queue: three, below: 0.1}
    channels: {web: {}}
    """

  private func withWorkers(_ desk: RouterDesk, _ body: ([Worker]) async throws -> Void) async throws {
    let zeroMQ = ZeroMQThread(context: try ZeroMQContext())
    let hints = try HintPublisher(on: zeroMQ, security: .none)
    var workers: [Worker] = []
    for _ in 0..<2 {
      let leases = LeaseKeeper(wanting: [], store: desk.store, me: desk.fresh(), logger: desk.logger)
      let maker = OfferMaker(
        store: desk.store, clock: desk.clock, policy: desk.policy, leases: leases, hints: hints, metrics: desk.metrics,
        logger: desk.logger, wakeUp: WakeUpSignal())
      workers.append(Worker(maker: maker, leases: leases))
    }
    do {
      try await body(workers)
    } catch {
      await hints.close()
      await zeroMQ.stop()
      throw error
    }
    await hints.close()
    await zeroMQ.stop()
  }

  @Test func neverExceedCapacityOrOfferTwice() async throws {
    try await RouterDesk.with(policy: Self.text) { desk in
      for number in 0..<40 {
        let acceptance = try #require(await desk.accept("m\(number)", from: "c\(number)"))
        let category = ["one", "two", "three"][number % 3]
        _ = try await desk.decisions.decide([desk.item(acceptance, from: "c\(number)", category: category)])
      }
      for number in 1...5 {
        _ = try await desk.store.matching.setPresence(number == 5 ? .away : .available, of: AgentID("agent-\(number)"))
      }
      try await withWorkers(desk) { workers in
        await workers[0].leases.want(["queue:one", "queue:three"])
        await workers[1].leases.want(["queue:two"])
        try await withThrowingTaskGroup(of: Int.self) { group in
          for worker in workers {
            for _ in 0..<3 {
              group.addTask {
                var made = 0
                while case let more = try await worker.maker.runOnce(), more > 0 { made += more }
                return made
              }
            }
          }
          var made = 0
          for try await more in group { made += more }
          // Racing rounds may leave room; another round fills it.
          for worker in workers { while case let more = try await worker.maker.runOnce(), more > 0 { made += more } }
          #expect(made == 12, "four available agents, three tickets each")
        }
        for row in try await desk.store.matching.agentRows() {
          let held = try await desk.store.tickets.tickets(heldBy: row.agent)
          #expect(row.load <= row.capacity && held.count == Int(row.load))
          if row.agent == "agent-5" { #expect(held.isEmpty, "an absent agent gets nothing") }
        }
      }
    }
  }

  @Test func longestWaitingTicketSkipsFullAgents() async throws {
    try await RouterDesk.with(policy: Self.text) { desk in
      for number in 0..<2 {
        let acceptance = try #require(await desk.accept("m\(number)", from: "c\(number)"))
        _ = try await desk.decisions.decide([desk.item(acceptance, from: "c\(number)", category: "one")])
      }
      for agent: AgentID in ["agent-1", "agent-2"] {
        _ = try await desk.store.matching.setPresence(.available, of: agent)
      }
      // As if the other router had used all the capacity of the longest idle agent since the agents were read.
      try await desk.store.pool.executeScript("UPDATE desk.agent_state SET capacity = 0 WHERE agent = 'agent-1'")
      try await withWorkers(desk) { workers in
        await workers[0].leases.want(["queue:one"])
        #expect(try await workers[0].maker.runOnce() == 1)
        let held = try await desk.store.tickets.tickets(heldBy: "agent-2")
        #expect(held.map(\.customer) == ["c0"], "the first ticket is not overtaken by the one matched with agent-2")
        #expect(try await desk.store.tickets.tickets(heldBy: "agent-1").isEmpty)
      }
    }
  }

  @Test func routersWithoutALeaseOfferNothing() async throws {
    try await RouterDesk.with(policy: Self.text) { desk in
      let acceptance = try #require(await desk.accept("m", from: "c"))
      _ = try await desk.decisions.decide([desk.item(acceptance, from: "c", category: "one")])
      _ = try await desk.store.matching.setPresence(.available, of: "agent-1")
      try await withWorkers(desk) { workers in
        await workers[0].leases.want(["queue:one"])
        // Another router took the queue over while this one still believes in its lease.
        try await desk.store.pool.executeScript(
          "UPDATE desk.lease SET holder = gen_random_uuid(), term = term + 1 WHERE name = 'queue:one'")
        #expect(try await workers[0].maker.runOnce() == 0)
        let held = try await desk.store.tickets.tickets(heldBy: "agent-1")
        #expect(held.isEmpty)
      }
    }
  }
}
