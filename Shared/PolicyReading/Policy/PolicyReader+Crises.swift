import DeskCore
import Yams

// MARK: - Crises

extension PolicyReader {
  /// Reads `crises:`, when a crisis case opens and what it begins with. A sign that is left out opens none.
  mutating func crises(_ place: PolicyNode?) -> CrisisPolicy {
    var crises = CrisisPolicy()
    let known = ["owner", "rest", "hot_kinds", "surge", "anger", "topics", "checklist", "answers"]
    guard let place, let fields = fields(of: place, known: known) else { return crises }
    crises.owner = fields["owner"].flatMap { reference($0, to: "agent", among: Set(agents.keys.map(\.rawValue))) }
    if let rest = fields["rest"].flatMap({ duration($0) }) { crises.rest = rest }
    crises.hotKinds = fields["hot_kinds"].flatMap { integer($0, in: PolicyLimits.crisisKinds) }
    crises.surge = fields["surge"].flatMap { surge($0) }
    crises.anger = fields["anger"].flatMap { anger($0) }
    for entry in named(fields["topics"], limit: PolicyLimits.crisisTopics) {
      if let topic = topic(entry) { crises.topics.append(topic) }
    }
    if let list = fields["checklist"] {
      crises.checklist = itemsOrOne(list, limit: PolicyLimits.crisisPoints).compactMap { crisisPoint($0) }
    }
    for entry in named(fields["answers"], limit: PolicyLimits.crisisAnswers) {
      if let answer = crisisAnswer(entry) { crises.answers.append(answer) }
    }
    return crises
  }

  /// One text for all, or `{zh: …, en: …}`.
  private mutating func crisisPoint(_ place: PolicyNode) -> CrisisPolicy.Point? {
    if case .scalar = place.node { return text(place).map { CrisisPolicy.Point($0) } }
    let texts = staffTexts(place, isComplete: true)
    return CrisisPolicy.Point(texts: Dictionary(uniqueKeysWithValues: texts.map { ($0.key.rawValue, $0.value) }))
  }

  private mutating func surge(_ place: PolicyNode) -> HotIssueRule? {
    guard let fields = fields(of: place, known: ["least", "times"]) else { return nil }
    let least = needed("least", in: fields).flatMap { integer($0, in: PolicyLimits.hotIssueTickets) }
    let times = needed("times", in: fields).flatMap { integer($0, in: 2...100) }
    guard let least, let times else { return nil }
    return HotIssueRule(least: least, times: Double(times))
  }

  private mutating func anger(_ place: PolicyNode) -> CrisisPolicy.Anger? {
    guard let fields = fields(of: place, known: ["least", "share"]) else { return nil }
    let least = needed("least", in: fields).flatMap { integer($0, in: PolicyLimits.hotIssueTickets) }
    let share = needed("share", in: fields).flatMap { self.share($0) }
    guard let least, let share else { return nil }
    return CrisisPolicy.Anger(least: least, share: share)
  }

  private mutating func topic(_ entry: PolicyEntry) -> CrisisPolicy.Topic? {
    guard let fields = fields(of: entry.value, known: ["words", "least"]) else { return nil }
    let words = needed("words", in: fields).flatMap { self.words($0) }
    let least = fields["least"].flatMap { integer($0, in: PolicyLimits.crisisMentions) } ?? 1
    guard let words else { return nil }
    return CrisisPolicy.Topic(name: entry.name, words: WordList(words), least: least)
  }

  private mutating func crisisAnswer(_ entry: PolicyEntry) -> CrisisPolicy.Answer? {
    guard let fields = fields(of: entry.value, known: ["when"] + PolicyReader.articleLanguages) else { return nil }
    var texts: [String: String] = [:]
    for language in PolicyReader.articleLanguages {
      if let text = fields[language].flatMap({ passage($0) }) { texts[language] = text }
    }
    guard !texts.isEmpty else {
      report(entry.value, "the answer has no text", remedy: "add `zh:` or `en:` with the text that customers get")
      return nil
    }
    var condition: Condition?
    if let place = fields["when"] {
      guard let read = self.condition(place) else { return nil }
      condition = read
    }
    return CrisisPolicy.Answer(name: entry.name, condition: condition, texts: texts)
  }
}
