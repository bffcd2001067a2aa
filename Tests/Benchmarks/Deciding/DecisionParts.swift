import DeskCore
import Store
import Wire

/// The parts of a decision, each for all messages.
struct DecisionParts {
  enum Part: String, CaseIterable {
    /// Reading the items of a link.
    case wire, item
    /// Folding the text, and reading what it does in the conversation.
    case fold, read
    /// The policy's decision.
    case decide
    /// The ticket's step.
    case handle
    /// Everything from the item to the step.
    case step
    /// The timeline entry as text.
    case entry
  }

  /// Changes with every result.
  private(set) var sum = 0
  /// The mean size of a timeline entry.
  var entryBytes: Int { steps.reduce(0) { $0 + entries(of: $1) } / steps.count }

  private let policy: Policy
  private let frames: [[[UInt8]]]
  private let items: [UndecidedItem]
  private let tickets: [Ticket]
  private let texts: [FoldedText]
  private let facts: [RoutingFacts]
  private let decisions: [RoutingDecision]
  private var steps: [TicketStep] = []
  private let now = Instant(seconds: 1_772_442_060)

  init(policy: Policy, _ samples: [LinkItem]) {
    self.policy = policy
    frames = stride(from: 0, to: samples.count, by: 256).map {
      (try? LinkFrame.work(Array(samples[$0..<min($0 + 256, samples.count)])).envelope(batchID: 1).frames) ?? []
    }
    items = samples.compactMap { UndecidedItem($0) }
    tickets = items.map {
      Ticket(id: $0.ticket, channel: $0.channel, customer: $0.customer, tier: $0.tier, openedAt: $0.acceptedAt)
    }
    texts = items.map { FoldedText($0.text) }
    facts = items.map {
      RoutingFacts(channel: $0.channel, tier: $0.tier, labels: $0.labels, text: $0.text, openedAt: $0.acceptedAt)
    }
    decisions = zip(facts, items).map { facts, item in
      var decision = policy.decide(facts)
      decision.message = item.id
      decision.suggestions = item.suggestions
      decision.guesses = item.guesses
      return decision
    }
    steps = step()
  }

  mutating func run(_ part: Part) {
    switch part {
    case .wire:
      for item in received() { sum &+= item.text.utf8.count }
    case .item:
      for item in received() { sum &+= UndecidedItem(item)?.text.utf8.count ?? 0 }
    case .fold:
      for item in items { sum &+= FoldedText(item.text).isEmpty ? 0 : 1 }
    case .read:
      for (item, text) in zip(items, texts) {
        sum &+= policy.life.conversation.read(text, labels: item.labels).act == .concern ? 1 : 2
      }
    case .decide:
      for facts in facts { sum &+= policy.decide(facts).skills.count + 1 }
    case .handle:
      for (ticket, decision) in zip(tickets, decisions) {
        var ticket = ticket
        sum &+= (try? ticket.handle(.routed(decision), now: now, under: policy).count) ?? 0
      }
    case .step:
      sum &+= step().count
    case .entry:
      for step in steps { sum &+= entries(of: step) }
    }
  }

  private func received() -> [LinkItem] {
    frames.flatMap { frames in
      guard case .work(let items) = try? LinkFrame(frames: frames) else { return [LinkItem]() }
      return items
    }
  }

  private func step() -> [TicketStep] {
    var folding = DecisionFolding(
      under: policy, full: [], crises: [], identifiers: IdentifierSource(), random: SeededGenerator(seed: 3))
    return zip(tickets, items).map { ticket, item in
      folding.step(on: ticket, by: [item], at: now) { preconditionFailure("\($0)") }
    }
  }

  private func entries(of step: TicketStep) -> Int {
    var bytes = 0
    for case .record(let entry) in step.effects { bytes += entry.detail.json.utf8.count }
    return bytes
  }
}
