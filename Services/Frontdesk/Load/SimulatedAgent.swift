import Curl
import DeskCore
import Foundation

/// One agent at work: comes, answers offers, writes to customers, resolves, and goes home when told to.
///
/// The console's stream tells of offers; the inbox is also looked at from time to time and after each reconnection, so that
/// tickets taken before a restart are finished too.
actor SimulatedAgent {
  private let console: ConsoleClient
  private let temper: AgentTemper
  private let tally: AgentTally
  private var random: SeededRandom
  private var seenOffers: Set<String> = []
  private var underWay: Set<String> = []
  private var isVanishing = false
  /// Breaks of the agent's own that are not over.
  private var breaks = 0
  /// Queues whose tickets the agent has met: where a ticket may be handed on to.
  private var queues: Set<String> = []

  init(console: ConsoleClient, temper: AgentTemper, tally: AgentTally, seed: UInt64) {
    self.console = console
    self.temper = temper
    self.tally = tally
    random = SeededRandom(seed: seed)
  }

  /// Works until cancelled. Who goes without a word comes back after a while.
  func run() async {
    while !Task.isCancelled {
      isVanishing = false
      await workUntilVanishing()
      guard isVanishing, (try? await Task.sleep(for: AgentTemper.absence)) != nil else { return }
    }
  }

  private func workUntilVanishing() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.listen() }
      while !Task.isCancelled, !isVanishing {
        for work in await newWork() { group.addTask { await self.perform(work) } }
        try? await Task.sleep(for: pollPause)
      }
      // Whatever is under way is dropped, the stream too.
      group.cancelAll()
    }
    underWay = []
  }

  /// Says that the agent leaves. Called after `run` has ended.
  func goHome() async {
    try? await console.setPresence(.offline)
  }

  // MARK: - What there is to do

  private enum Work: Sendable {
    case offer(String, ConsoleClient.Ticket)
    case ticket(ConsoleClient.Ticket)
  }

  /// Raised by the stream; the next look then follows at once.
  private var hasNews = true
  private var lastLook: ContinuousClock.Instant?
  private let pollPause: Duration = .milliseconds(50)

  private func listen() async {
    var pause = RetryPause(LoadBounds.reconnectPause)
    var wasHere = false
    while !Task.isCancelled {
      do {
        try await console.setPresence(.available)
        let events = try await console.stream()
        if wasHere { tally.count { $0.reconnected += 1 } }
        wasHere = true
        tally.count { $0.present += 1 }
        defer { tally.count { $0.present -= 1 } }
        pause.reset()
        hasNews = true
        for try await _ in events { hasNews = true }
      } catch {
        // The console restarts, or the database is away: come back.
      }
      try? await Task.sleep(for: pause.take())
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

  // MARK: - Doing it

  private func perform(_ work: Work) async {
    switch work {
    case .offer(let offer, let ticket):
      switch temper.answer(using: &random) {
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
    let time = temper.time(using: &random)
    let asks = temper.awaitsCustomer(using: &random)
    let interruption = temper.interruption(using: &random)
    let key = "simulated-\(UUID().uuidString)"
    guard (try? await Task.sleep(for: time / 2)) != nil else { return }
    if interruption == .transfer,
      let queue = queues.filter({ $0 != ticket.queue }).sorted().randomElement(using: &random)
    {
      if await step({ try await $0.transfer(ticket.id, toQueue: queue, reason: "somebody else knows more of it") }) {
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

  private func pass(_ interruption: AgentTemper.Interruption?, after time: Duration) async {
    switch interruption {
    case .vanish?:
      tally.count { $0.vanished += 1 }
      isVanishing = true
    case .rest?:
      guard await step({ try await $0.setPresence(.away) }) else { return }
      tally.count { $0.breaks += 1 }
      await pause(for: time * AgentTemper.breakLength)
    case .transfer?, nil: break
    }
  }

  /// Stays away for a while, then says to be there again.
  private func pause(for time: Duration) async {
    breaks += 1
    defer { breaks -= 1 }
    guard (try? await Task.sleep(for: time)) != nil else { return }
    _ = await step { try await $0.setPresence(.available) }
  }

  /// Who lets an offer run out counts as away, be it that this machine was too slow for them. They see it at their next look and are
  /// there again, unless they meant it.
  private func returnIfSentAway() async {
    guard breaks == 0, !isVanishing, (try? await console.presence()) == .away else { return }
    try? await console.setPresence(.available)
  }

  /// Takes a step, again while repeating may help. A refusal means that the world went on: somebody else has the ticket now.
  private func step(_ body: (ConsoleClient) async throws -> Void) async -> Bool {
    var pause = RetryPause()
    for _ in 0..<LoadBounds.stepAttempts {
      do {
        try await body(console)
        hasNews = true
        return true
      } catch let refusal as ConsoleClient.Refusal where !refusal.isPassing {
        break
      } catch {
        guard (try? await Task.sleep(for: pause.take())) != nil else { return false }
      }
    }
    tally.count { $0.failed += 1 }
    return false
  }
}
