import Curl
import DeskCore
import Foundation

/// One simulated agent: signs in, answers offers, replies to customers, resolves tickets, and signs out when asked to.
///
/// As on the console's page, what the stream announces is worked on without being fetched again. The inbox is looked at when a stream
/// opens, so that tickets accepted before a restart are finished too, and from time to time, so that a lost event only costs a delay.
actor SimulatedAgent {
  private let agent: AgentID
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

  init(_ agent: AgentID, console: ConsoleClient, behaviour: AgentBehaviour, tally: AgentTally, seed: UInt64) {
    self.agent = agent
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
    let (found, report) = AsyncStream.makeStream(of: Work.self)
    self.report = report
    await withDiscardingTaskGroup { group in
      group.addTask { await self.listen() }
      group.addTask { await self.lookFromTimeToTime() }
      for await work in found { group.addTask { await self.perform(work) } }
      // Everything in progress is dropped, including the stream.
      group.cancelAll()
    }
    self.report = nil
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

  /// Where work is reported; ended when the agent disconnects.
  private var report: AsyncStream<Work>.Continuation?
  private var isLooking = false
  private var isLookWanted = false

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
        await look()
        for try await event in events { await take(ConsoleClient.Event(event)) }
      } catch {
        // The console restarts, or the database is unavailable: reconnect.
      }
      try? await Task.sleep(for: pauses.next(using: &random))
    }
  }

  private func take(_ event: ConsoleClient.Event?) async {
    switch event {
    case .offer(let offer, let ticket): note(offer, of: ticket)
    case .offerEnded(let offer, let ticket):
      seenOffers.remove(offer)
      // Without an answer of the agent's: it may have expired.
      if !underWay.contains(ticket) { await returnIfSentAway() }
    case .ticket(let id, let state, let holder):
      guard holder == agent.rawValue, state == TicketState.assigned.rawValue, !underWay.contains(id) else { return }
      await look()
    case nil: break
    }
  }

  private func lookFromTimeToTime() async {
    while (try? await Task.sleep(for: LoadBounds.inboxInterval)) != nil {
      await returnIfSentAway()
      await look()
    }
  }

  /// Reports the work that the inbox has. A call during another one is followed by one more look.
  private func look() async {
    isLookWanted = true
    guard !isLooking else { return }
    isLooking = true
    defer { isLooking = false }
    while isLookWanted {
      isLookWanted = false
      guard let tickets = try? await console.tickets() else { return }
      seenOffers.formIntersection(tickets.compactMap(\.offer?.offerID))
      for ticket in tickets {
        if let offer = ticket.offer?.offerID {
          note(offer, of: ticket)
        } else if ticket.state == TicketState.assigned.rawValue, underWay.insert(ticket.id).inserted {
          queues.formUnion([ticket.queue].compactMap(\.self))
          report?.yield(.ticket(ticket))
        }
      }
    }
  }

  private func note(_ offer: String, of ticket: ConsoleClient.Ticket) {
    queues.formUnion([ticket.queue].compactMap(\.self))
    if seenOffers.insert(offer).inserted { report?.yield(.offer(offer, ticket)) }
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
        await pause(for: LoadBounds.ignoringPause)
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
      report?.finish()
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

  /// An agent whose offer expired is set to away, even if only this machine was too slow. They notice it when the offer ends and become
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
