import Curl
import DeskCore
import Foundation

/// One simulated agent: signs in, answers offers, replies to customers, resolves tickets, and signs out when asked to.
///
/// The console's stream announces offers; the inbox is also polled from time to time and after each reconnection, so that
/// tickets accepted before a restart are finished too.
actor SimulatedAgent {
  private let console: ConsoleClient
  private let behaviour: AgentBehaviour
  private let tally: AgentTally
  private var random: SeededGenerator
  private var seenOffers: Set<String> = []
  private var underWay: Set<String> = []
  private var isVanishing = false
  /// The agent's current breaks.
  private var breaks = 0
  /// Queues whose tickets the agent has seen: possible targets of a transfer.
  private var queues: Set<String> = []

  init(console: ConsoleClient, behaviour: AgentBehaviour, tally: AgentTally, seed: UInt64) {
    self.console = console
    self.behaviour = behaviour
    self.tally = tally
    random = SeededGenerator(seed: seed)
  }

  /// Works until cancelled. An agent that disconnects comes back after a while.
  func run() async {
    while !Task.isCancelled {
      isVanishing = false
      await workUntilVanishing()
      guard isVanishing, (try? await Task.sleep(for: AgentBehaviour.absence)) != nil else { return }
    }
  }

  private func workUntilVanishing() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.listen() }
      while !Task.isCancelled, !isVanishing {
        for work in await newWork() { group.addTask { await self.perform(work) } }
        try? await Task.sleep(for: pollPause)
      }
      // Everything in progress is dropped, including the stream.
      group.cancelAll()
    }
    underWay = []
  }

  /// Signs the agent out. Called after `run` has ended.
  func goHome() async {
    try? await console.setPresence(.offline)
  }

  // MARK: - Finding work

  private enum Work: Sendable {
    case offer(String, ConsoleClient.Ticket)
    case ticket(ConsoleClient.Ticket)
  }

  /// Set by the stream; the next poll then follows at once.
  private var hasNews = true
  private var lastLook: ContinuousClock.Instant?
  private let pollPause: Duration = .milliseconds(50)

  private func listen() async {
    var pauses = LoadBounds.reconnectPause
    var wasHere = false
    while !Task.isCancelled {
      do {
        try await console.setPresence(.available)
        let events = try await console.stream()
        if wasHere { tally.count { $0.reconnected += 1 } }
        wasHere = true
        tally.count { $0.present += 1 }
        defer { tally.count { $0.present -= 1 } }
        pauses.reset()
        hasNews = true
        for try await _ in events { hasNews = true }
      } catch {
        // The console restarts, or the database is unavailable: reconnect.
      }
      try? await Task.sleep(for: pauses.next(using: &random))
    }
  }

  private func newWork() async -> [Work] {
    let isDue = lastLook.map { ContinuousClock.now - $0 > LoadBounds.inboxInterval } ?? true
    guard hasNews || isDue else { return [] }
    hasNews = false
    lastLook = .now
    if isDue { await returnIfSentAway() }
    guard let tickets = try? await console.tickets() else {
      return []
    }
    seenOffers.formIntersection(tickets.compactMap(\.offer?.offerID))
    queues.formUnion(tickets.compactMap(\.queue))
    return tickets.compactMap { ticket in
      if let offer = ticket.offer?.offerID {
        guard seenOffers.insert(offer).inserted else { return nil }
        return .offer(offer, ticket)
      }
      guard ticket.state == TicketState.assigned.rawValue, underWay.insert(ticket.id).inserted else { return nil }
      return .ticket(ticket)
    }
  }

  // MARK: - Doing work

  private func perform(_ work: Work) async {
    switch work {
    case .offer(let offer, let ticket):
      switch behaviour.answer(using: &random) {
      case .accept:
        guard underWay.insert(ticket.id).inserted else { return }
        if await step({ try await $0.accept(offer: offer) }) {
          tally.count { $0.accepted += 1 }
          await handle(ticket)
        }
        underWay.remove(ticket.id)
      case .decline:
        if await step({ try await $0.decline(offer: offer) }) { tally.count { $0.declined += 1 } }
      case .ignore:
        tally.count { $0.ignored += 1 }
        await pause(for: LoadBounds.inboxInterval * 8)
      }
    case .ticket(let ticket):
      await handle(ticket)
      underWay.remove(ticket.id)
    }
  }

  private func handle(_ ticket: ConsoleClient.Ticket) async {
    let time = behaviour.time(using: &random)
    let asks = behaviour.awaitsCustomer(using: &random)
    let interruption = behaviour.interruption(using: &random)
    let key = "simulated-\(UUID().uuidString)"
    guard (try? await Task.sleep(for: time / 2)) != nil else { return }
    if interruption == .transfer,
      let queue = queues.filter({ $0 != ticket.queue }).sorted().randomElement(using: &random)
    {
      if await step({ try await $0.transfer(ticket.id, toQueue: queue, reason: "someone else knows more about it") }) {
        tally.count { $0.transferred += 1 }
      }
      return
    }
    let text = ReplyTemplate.text(language: ticket.labels?.language, asks: asks)
    guard await step({ try await $0.reply(text, awaitsCustomer: asks, to: ticket.id, requestKey: key) }) else { return }
    tally.count {
      $0.replied += 1
      if asks { $0.asked += 1 }
    }
    guard (try? await Task.sleep(for: time / 2)) != nil else { return }
    if await step({ try await $0.resolve(ticket.id) }) { tally.count { $0.resolved += 1 } }
    await pass(interruption, after: time)
  }

  private func pass(_ interruption: AgentBehaviour.Interruption?, after time: Duration) async {
    switch interruption {
    case .vanish?:
      tally.count { $0.vanished += 1 }
      isVanishing = true
    case .rest?:
      guard await step({ try await $0.setPresence(.away) }) else { return }
      tally.count { $0.breaks += 1 }
      await pause(for: time * AgentBehaviour.breakLength)
    case .transfer?, nil: break
    }
  }

  /// Stays away for a while, then becomes available again.
  private func pause(for time: Duration) async {
    breaks += 1
    defer { breaks -= 1 }
    guard (try? await Task.sleep(for: time)) != nil else { return }
    _ = await step { try await $0.setPresence(.available) }
  }

  /// An agent whose offer expired is set to away, even if only this machine was too slow. They notice it at the next poll and become
  /// available again, unless it was intended.
  private func returnIfSentAway() async {
    guard breaks == 0, !isVanishing, (try? await console.presence()) == .away else { return }
    try? await console.setPresence(.available)
  }

  /// Takes a step, and retries while that may help. A refusal means that the state has changed: another agent has the ticket now.
  private func step(_ body: (ConsoleClient) async throws -> Void) async -> Bool {
    var pauses = LoadBounds.retryPause
    for _ in 0..<LoadBounds.stepAttempts {
      do {
        try await body(console)
        hasNews = true
        return true
      } catch let refusal as ConsoleClient.Refusal where !refusal.isPassing {
        break
      } catch {
        guard (try? await Task.sleep(for: pauses.next(using: &random))) != nil else { return false }
      }
    }
    tally.count { $0.failed += 1 }
    return false
  }
}
