import CommandLineTool
import DeskCore
import DeskSupervisor
import Language
import PostgreSQL
import Store
import SystemPrimitives
import Wire

/// The throughput of each stage while the rest of the desk is idle.
struct BenchStages: Sendable {
  /// The result of one stage.
  struct Stage: Sendable, Equatable, Encodable {
    /// `accept`, `classify`, `classify_link` or `decide`.
    var stage: String
    var perSecond: Double

    enum CodingKeys: String, CodingKey {
      case stage
      case perSecond = "per_second"
    }

    /// A human-readable description.
    var meaning: String {
      switch stage {
      case "accept": "intake and PostgreSQL: from the request to the acknowledgement"
      case "classify": "the model alone, on one core"
      case "classify_link": "a classifier between its two links"
      default: "a router and PostgreSQL: labelled messages to decisions"
      }
    }
  }

  let measurement: BenchMeasurement
  let messages: Int
  let announce: @Sendable (String) -> Void

  /// Measures the stages one after the other; afterwards one classifier and one router run, as before.
  func run() async throws -> [Stage] {
    do {
      let stages = try await measured()
      try await restore()
      return stages
    } catch {
      try? await restore()
      throw error
    }
  }

  private func measured() async throws -> [Stage] {
    var stages: [Stage] = []
    announce("the model alone")
    let classifier = try Self.classifier(measurement.local.model)
    stages.append(Stage(stage: "classify", perSecond: classify(with: classifier).rounded()))
    announce("a classifier between its links")
    try await scale(.router, to: 0)
    stages.append(Stage(stage: "classify_link", perSecond: try await classifyByLink().rounded()))
    announce("intake alone")
    try await scale(.classifier, to: 0)
    let beginning = try await measurement.store.now()
    stages.insert(
      Stage(stage: "accept", perSecond: try await measurement.acceptance(messages: messages).rounded()), at: 0)
    announce("a router alone")
    let items = try await waiting(since: beginning, labelledBy: classifier)
    try await scale(.router, to: 1)
    let rate = try await BenchLink.with(service: ServiceKind.classifier.rawValue, store: measurement.store) {
      try await $0.perSecond(of: items)
    }
    stages.append(Stage(stage: "decide", perSecond: rate.rounded()))
    return stages
  }

  private func restore() async throws {
    try await scale(.router, to: 1)
    try await scale(.classifier, to: 1)
    try await measurement.settle()
  }

  // MARK: - The stages

  private static func classifier(_ path: String) throws -> MessageClassifier {
    do throws(LanguageError) {
      return MessageClassifier(model: try ModelFile.read(path: path))
    } catch {
      throw CommandFailure("the desk's model cannot be read: \(error.message)")
    }
  }

  private func texts() -> [String] {
    let traffic = measurement.traffic("stage")
    return (0..<messages).map { traffic.message($0).text }
  }

  private func classify(with classifier: MessageClassifier) -> Double {
    let texts = texts()
    let start = ContinuousClock.now
    var labelled = 0
    for first in stride(from: 0, to: texts.count, by: BenchBounds.textsAtOnce) {
      labelled += classifier.labels(for: Array(texts[first..<min(first + BenchBounds.textsAtOnce, texts.count)])).count
    }
    return Double(labelled) / ((ContinuousClock.now - start) / .seconds(1))
  }

  /// The benchmark is on both sides of the classifier.
  private func classifyByLink() async throws -> Double {
    var random = SystemRandom()
    let now = try await measurement.store.now()
    let items = texts().map { text in
      var content = LinkItem.Content()
      content.ticketID = ItemID(TicketID(at: now, using: &random))
      content.channel = "bench"
      content.customer = "bench"
      content.text = text
      content.receivedAtUs = now.microseconds
      content.opensTicket = true
      content.tier = CustomerTier.standard.rawValue
      return LinkItem(ItemID(MessageID(at: now, using: &random)), content)
    }
    let store = measurement.store
    return try await BenchLink.with(service: ServiceKind.router.rawValue, store: store) { behind in
      try await behind.swallowing(workOf: ServiceKind.classifier.rawValue) {
        try await BenchLink.with(service: ServiceKind.intake.rawValue, store: store) { before in
          try await before.perSecond(of: items)
        }
      }
    }
  }

  /// Returns the undecided messages accepted since a given time, as a classifier would forward them.
  private func waiting(since beginning: Instant, labelledBy classifier: MessageClassifier) async throws
    -> [LinkItem]
  {
    let rows = try await measurement.store.pool.query(Self.undecided, [beginning, Int64(messages)])
    let labels = classifier.labels(for: rows.map(\.text))
    return zip(rows, labels).map { row, labels in
      var added = LinkLabels()
      added.category = labels.category
      added.intent = labels.intent
      added.confidence = labels.confidence
      added.urgency = Int32(labels.urgency)
      added.sentiment = Int32(labels.sentiment)
      added.language = labels.language
      added.modelVersion = labels.modelVersion
      return row.labelled(added)
    }
  }

  /// Reads undecided messages without claiming them, which `DeskStore` cannot: for measurements only.
  private static let undecided = PostgresStatement(
    "bench_undecided",
    """
    SELECT b.message_id, b.ticket_id, m.channel, m.author, m.body, b.accepted_at, b.opens_ticket
      FROM desk.inbox b JOIN desk.message m ON m.id = b.message_id
     WHERE b.accepted_at >= $1 ORDER BY b.message_id LIMIT $2
    """
  ) { row in
    let message: MessageID = try row.next()
    let ticket: TicketID = try row.next()
    let channel: String = try row.next()
    let customer: String = try row.next()
    let text: String = try row.next()
    let acceptedAt: Instant = try row.next()
    let opensTicket: Bool = try row.next()
    var content = LinkItem.Content()
    content.ticketID = ItemID(ticket)
    content.channel = channel
    content.customer = customer
    content.text = text
    content.receivedAtUs = acceptedAt.microseconds
    content.opensTicket = opensTicket
    content.tier = CustomerTier.standard.rawValue
    return LinkItem(ItemID(message), content)
  }

  // MARK: - Processes

  private func scale(_ service: ServiceKind, to count: Int) async throws {
    let socket = measurement.local.controlSocket
    _ = try ControlClient.ask(.scale(service: service, count: count), socket: socket)
    let deadline = ContinuousClock.now + UpBounds.scaleTimeout
    while true {
      let members = try ControlClient.ask(.list, socket: socket).members.filter { $0.service == service.rawValue }
      if members.count == count, members.allSatisfy({ $0.state == .ready }) { return }
      guard ContinuousClock.now < deadline else {
        throw CommandFailure("\(service.rawValue) did not reach \(count) processes")
      }
      try await Task.sleep(for: BenchBounds.settleInterval)
    }
  }
}
