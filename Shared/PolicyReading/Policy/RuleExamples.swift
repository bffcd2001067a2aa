public import DeskCore
import Yams

/// One test case for the rules: the facts of a message, and the expected decision.
public struct RuleExample: Hashable, Sendable {
  /// Its name in reports.
  public let name: String
  /// Its position in its file.
  public let line: Int
  /// The facts.
  public let facts: RoutingFacts
  /// The expected values; nil means any.
  public let queue: QueueID?
  public let priority: Priority?
  /// The rule that decides; an empty name means that none does.
  public let rule: String?
  public let triage: Bool?
  public let callback: Bool?

  /// A difference from the expectation.
  public struct Difference: Hashable, Sendable {
    /// The compared field with expected and actual value, such as `queue: expected returns, is general`.
    public let differences: [String]
    /// The explanation of the actual decision.
    public let explanation: RoutingExplanation
  }

  /// Runs the example.
  /// - Returns: nil when the decision is as expected.
  public func difference(under policy: Policy) -> Difference? {
    let decision = policy.decide(facts)
    var differences: [String] = []
    func compare(_ what: String, _ expected: String?, _ found: String) {
      if let expected, expected != found { differences.append("\(what): expected \(expected), is \(found)") }
    }
    compare("queue", queue?.rawValue, decision.queue.rawValue)
    compare("priority", priority?.name, decision.priority.name)
    compare("rule", rule.map { $0.isEmpty ? "none" : $0 }, decision.rule ?? "none")
    compare("triage", triage.map(String.init), "\(decision.needsTriage)")
    compare("callback", callback.map(String.init), "\(decision.promisesCallback)")
    return differences.isEmpty ? nil : Difference(differences: differences, explanation: policy.explain(facts))
  }
}

/// A file of examples for the rules of a policy, read and checked against the names that the policy declares.
public struct RuleExamples: Hashable, Sendable {
  /// The examples, in order.
  public let examples: [RuleExample]

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - bytes: YAML: `examples:`, each with `name`, `message` and `expect`.
  ///   - policy: the policy whose rules are meant.
  /// - Throws: every mistake of the file, in its order.
  public init(bytes: some Collection<UInt8>, for policy: Policy) throws(PolicyMistakes) {
    let text = try PolicyDocument.text(of: bytes)
    try PolicyDocument.refuseAliasChains(in: text)
    var reader = PolicyReader(environment: [:])
    reader.queueNames = Set(policy.queues.keys.map(\.rawValue))
    reader.channelNames = Set(policy.channels.keys.map(\.rawValue))
    let ruleNames = Set(policy.rules.map(\.name))
    do {
      let parser = try Yams.Parser(yaml: text, resolver: .basic, encoding: .utf8)
      let root = try parser.singleRoot()
      examples = withExtendedLifetime(parser) {
        reader.examples(PolicyNode(root ?? Node([] as [(Node, Node)]), path: ""), rules: ruleNames)
      }
    } catch {
      throw PolicyDocument.notYAML(error, in: text)
    }
    guard reader.mistakes.isEmpty else { throw PolicyMistakes(reader.mistakes, omitted: reader.omitted) }
  }
}

extension PolicyReader {
  fileprivate mutating func examples(_ root: PolicyNode, rules: Set<String>) -> [RuleExample] {
    guard let file = fields(of: root, known: ["examples"]) else { return [] }
    let examples = items(needed("examples", in: file)).compactMap { example($0, rules: rules) }
    if examples.isEmpty, mistakes.isEmpty {
      report(root, "there are no examples", remedy: "list at least one under `examples:`")
    }
    return examples
  }

  private mutating func example(_ place: PolicyNode, rules: Set<String>) -> RuleExample? {
    guard let fields = fields(of: place, known: ["name", "message", "expect"]) else { return nil }
    let name = needed("name", in: fields).flatMap { text($0) }
    let facts = needed("message", in: fields).flatMap { self.facts($0) }
    guard let expectPlace = needed("expect", in: fields),
      let expect = self.fields(of: expectPlace, known: ["queue", "priority", "rule", "triage", "callback"])
    else { return nil }
    if expect.values.isEmpty {
      report(expectPlace, "there are no expectations", remedy: "add queue, priority, rule, triage or callback")
    }
    let queue: QueueID? = expect["queue"].flatMap { reference($0, to: "queue", among: queueNames) }
    let priority = expect["priority"].flatMap { word($0, among: Priority.allCases.map { ($0.name, $0) }) }
    let rule = expect["rule"].flatMap { ruleName($0, among: rules) }
    let triage = expect["triage"].flatMap { flag($0) }
    let callback = expect["callback"].flatMap { flag($0) }
    guard let name, let facts else { return nil }
    return RuleExample(
      name: name, line: place.line, facts: facts, queue: queue, priority: priority, rule: rule, triage: triage,
      callback: callback)
  }

  /// Reads a rule's name; `none` means no rule.
  private mutating func ruleName(_ place: PolicyNode, among rules: Set<String>) -> String? {
    guard let (name, _) = scalar(place) else { return nil }
    if name == "none" { return "" }
    if rules.contains(name) { return name }
    let guess = guess(for: name, among: rules)
    report(place, "unknown rule \(quoted(name))", remedy: guess ?? "use a rule of the policy, or none")
    return nil
  }

  private mutating func facts(_ place: PolicyNode) -> RoutingFacts? {
    let known = [
      "channel", "category", "intent", "confidence", "urgency", "sentiment", "language", "tier", "product_line", "text",
      "at", "full", "fields",
    ]
    guard let fields = fields(of: place, known: known) else { return nil }
    let channel: ChannelID? = needed("channel", in: fields).flatMap {
      reference($0, to: "channel", among: channelNames)
    }
    let category = needed("category", in: fields).flatMap { text($0) } ?? ""
    let labels = Labels(
      category: category, intent: fields["intent"].flatMap { text($0) } ?? category,
      confidence: fields["confidence"].flatMap { share($0) } ?? 1,
      urgency: fields["urgency"].flatMap { word($0, among: Urgency.allCases.map { ($0.name, $0) }) } ?? .normal,
      sentiment: fields["sentiment"].flatMap { word($0, among: Sentiment.allCases.map { ($0.name, $0) }) } ?? .neutral,
      language: fields["language"].flatMap { text($0) } ?? "und", modelVersion: "example")
    let tier = fields["tier"].flatMap { word($0, among: CustomerTier.allCases.map { ($0.rawValue, $0) }) } ?? .standard
    let opened = fields["at"].flatMap { moment($0) } ?? RuleExample.usualMoment
    let full: Set<QueueID> = references(fields["full"], to: "queue", among: queueNames)
    let words = fields["text"].flatMap { scalar($0)?.text } ?? ""
    guard let channel else { return nil }
    var facts = RoutingFacts(
      channel: channel, tier: tier, labels: labels, text: words, openedAt: opened,
      productLine: fields["product_line"].flatMap { text($0) } ?? "")
    facts.fullQueues = full
    let answers = named(fields["fields"]).compactMap { entry in
      text(entry.value).map { (FieldName(entry.name), $0) }
    }
    facts.answers = .values(TicketFields(Dictionary(answers, uniquingKeysWith: { first, _ in first })))
    return facts
  }

  /// Reads a timestamp with its UTC offset, `2026-10-01T10:00:00+08:00`.
  private mutating func moment(_ place: PolicyNode) -> Instant? {
    guard let (text, _) = scalar(place) else { return nil }
    if let instant = RFC3339.instant(text) { return instant }
    report(
      place, "\(quoted(text)) is not a valid RFC 3339 timestamp",
      remedy: "write it with a UTC offset, such as 2026-10-01T10:00:00+08:00 or 2026-10-01T02:00:00Z")
    return nil
  }
}

extension RuleExample {
  /// The default arrival time of a message: 2026-03-02, a Monday, 02:00 UTC, in office hours from Shanghai to Sydney.
  fileprivate static let usualMoment = Instant(seconds: 1_772_416_800)
}
