public import DeskCore
public import PolicyReading
import Yams

/// A scenario file, read and checked as a whole: every mistake is found at once, with line, column and remedy.
///
/// `deploy/scenarios` explains the keys next to an example of each.
public enum ScenarioDocument {
  /// Reads a scenario.
  /// - Parameters:
  ///   - bytes: the file.
  ///   - load: reads the policy file that the scenario names, relative to the scenario's folder; nil when it cannot be read, and the
  ///     caller says why.
  ///   - policy: the policy to use instead of the scenario's own.
  /// - Throws: every mistake of the file, in its order.
  public static func read(
    _ bytes: some Collection<UInt8>, replacing policy: Policy? = nil, policy load: @escaping (String) -> Policy?
  ) throws(PolicyMistakes) -> Scenario {
    try PolicyDocument.read(bytes) { reader, root in
      var scenario = ScenarioReader(reader: reader, replacement: policy, load: load)
      let content = scenario.read(root)
      reader = scenario.reader
      return content
    }
  }
}

/// Walks a scenario. What is read of numbers, times and names, and how mistakes are said, is the policy reader's.
struct ScenarioReader {
  var reader: PolicyReader
  let replacement: Policy?
  let load: (String) -> Policy?

  var start = Instant(seconds: 0)
  var days = 1
  var length: Duration = .zero
  var zone = ZoneOffsets.utc
  var policy: Policy?
  var kindNames: [String] = []
  var groupNames: [String] = []
  var categories: Set<String> = []

  mutating func read(_ root: PolicyNode) -> Scenario? {
    let known = [
      "title", "start", "days", "hours", "time_zone", "seed", "warm_up", "drain", "step", "order", "policy", "kinds",
      "arrivals", "recording", "handling", "patience", "agents", "routers", "faults",
    ]
    guard let file = reader.fields(of: root, known: known) else { return nil }
    let title = reader.title(file["title"])
    if let place = file["time_zone"], let read = reader.zone(place) { zone = read }
    let day = reader.needed("start", in: file).flatMap { reader.day($0) }
    days = file["days"].flatMap { reader.integer($0, in: SimulatorBounds.days) } ?? 1
    let hours = file["hours"].flatMap { reader.integer($0, in: 1...24 * SimulatorBounds.days.upperBound) }
    if let place = file["hours"], file["days"] != nil {
      reader.report(place, "'days' is given, too", remedy: "leave one of them")
    }
    let firstDay = Int((day?.microseconds ?? 0) / 86_400_000_000)
    start = zone.instant(day: firstDay, minute: 0)
    let end = hours.map { start + .seconds(Int64($0) * 3_600) } ?? zone.instant(day: firstDay + days, minute: 0)
    if let hours { days = (hours + 23) / 24 }
    length = end - start
    readPolicy(reader.needed("policy", in: file))

    let kindPlace = reader.needed("kinds", in: file)
    let kindEntries = reader.named(kindPlace, limit: SimulatorBounds.entries)
    kindNames = kindEntries.map(\.name)
    let kinds = kindEntries.compactMap { kind($0) }
    if let kindPlace, kindEntries.isEmpty {
      reader.report(kindPlace, "there is no kind", remedy: "add one, such as `refunds: {channel: web}`")
    } else if let kindPlace, kinds.count == kindEntries.count, kinds.allSatisfy({ $0.weight == 0 }) {
      reader.report(kindPlace, "every kind has the share 0", remedy: "give one of them a share")
    }
    categories = Set(kinds.map(\.labels.category))
    let agents = reader.needed("agents", in: file)
    let staff = staff(agents)
    groupNames = staff.map(\.name)
    if let agents, reader.entries(agents).isEmpty {
      reader.report(
        agents, "there are no agents", remedy: "add a group, such as `desk: {}` for all agents of the policy")
    }
    let arrivals = arrivals(file["arrivals"])
    let recordingFile = file["recording"].flatMap { reader.text($0) }
    if file["arrivals"] == nil, file["recording"] == nil {
      reader.report(root, "nothing arrives", remedy: "add `arrivals:` or `recording:`")
    }
    let handling = handling(reader.needed("handling", in: file))
    let patience = patience(file["patience"])
    let routers = file["routers"].flatMap { self.routers($0) }
    let faults = faults(file["faults"], hasRouters: routers != nil)
    let order = file["order"].flatMap { place in
      reader.word(place, among: ServiceOrder.allCases.map { ($0.rawValue, $0) })
    }
    let seed = file["seed"].flatMap { reader.integer($0, in: 0...Int.max) }
    let warmUp = file["warm_up"].flatMap { reader.duration($0, in: .zero...(.seconds(30 * 86_400))) }
    if let place = file["warm_up"], let warmUp, warmUp >= length {
      reader.report(place, "the scenario ends before its warm-up", remedy: "shorten it, or simulate a longer time")
    }
    let drains = file["drain"].flatMap { reader.flag($0) }
    let step = file["step"].flatMap { reader.duration($0, in: .seconds(60)...(.seconds(86_400))) }
    guard let policy, reader.mistakes.isEmpty else { return nil }
    var scenario = Scenario(
      start: start, length: length, zone: zone, policy: policy, kinds: kinds, arrivals: arrivals,
      handling: handling, staff: staff)
    scenario.title = title
    scenario.recordingFile = recordingFile
    scenario.patience = patience
    scenario.routers = routers
    scenario.faults = faults
    scenario.order = order ?? .desk
    scenario.seed = SimulationSeed(UInt64(seed ?? 1))
    scenario.warmUp = warmUp ?? .zero
    scenario.drains = drains ?? true
    scenario.step = step ?? .seconds(300)
    return scenario
  }

  /// Reads `policy:`, the name of a file or a whole policy.
  private mutating func readPolicy(_ place: PolicyNode?) {
    guard let place else {
      policy = replacement
      return
    }
    if case .scalar = place.node, !place.isNull {
      guard let name = reader.text(place) else { return }
      policy = replacement ?? load(name)
      if policy == nil {
        reader.report(place, "the policy \(quoted(name)) cannot be used", remedy: "correct it, or name another file")
      }
      return
    }
    let own = reader.policy(place, version: 0)
    policy = replacement ?? own
  }

  // MARK: Kinds

  private mutating func kind(_ entry: PolicyEntry) -> TicketKind? {
    let known = [
      "channel", "category", "intent", "language", "urgency", "sentiment", "confidence", "share", "tiers",
      "product_line", "text",
    ]
    guard let fields = reader.fields(of: entry.value, known: known) else { return nil }
    let channels = Set(policy?.channels.keys.map(\.rawValue) ?? [])
    let channel: ChannelID? = reader.needed("channel", in: fields).flatMap { place in
      policy == nil ? nil : reader.reference(place, to: "channel", among: channels)
    }
    let category = reader.needed("category", in: fields).flatMap { reader.text($0) } ?? entry.name
    let urgency = fields["urgency"].flatMap { place in
      reader.word(place, among: Urgency.allCases.map { ($0.name, $0) })
    }
    let sentiment = fields["sentiment"].flatMap { place in
      reader.word(place, among: Sentiment.allCases.map { ($0.name, $0) })
    }
    let labels = Labels(
      category: category, intent: fields["intent"].flatMap { reader.text($0) } ?? category,
      confidence: fields["confidence"].flatMap { reader.share($0) } ?? 1, urgency: urgency ?? .normal,
      sentiment: sentiment ?? .neutral, language: fields["language"].flatMap { reader.text($0) } ?? "und",
      modelVersion: "")
    var kind = TicketKind(
      name: entry.name, channel: channel ?? "", labels: labels,
      weight: fields["share"].flatMap { reader.number($0, in: 0...1e9) } ?? 1)
    if let place = fields["tiers"], let tiers = reader.fields(of: place, known: CustomerTier.allCases.map(\.rawValue)) {
      var shares: [CustomerTier: Double] = [:]
      for tier in CustomerTier.allCases {
        shares[tier] = tiers[tier.rawValue].flatMap { reader.share($0) }
      }
      // Tenths do not add up exactly.
      if shares.values.reduce(0, +) > 1 + 1e-9 {
        reader.report(place, "the shares of the tiers add up to more than 1", remedy: "make them shares of one whole")
      }
      // What is not given to other tiers is standard.
      if shares[.standard] == nil { shares[.standard] = max(0, 1 - shares.values.reduce(0, +)) }
      kind.tiers = shares
    }
    kind.productLine = fields["product_line"].flatMap { reader.text($0) } ?? ""
    kind.text = fields["text"].flatMap { reader.text($0) } ?? ""
    return kind
  }
}
