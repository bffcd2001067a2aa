import DeskCore

// MARK: - Call-backs, stuck queues and the reserve

extension PolicyReader {
  /// Reads `call_backs:`, how call-backs are promised and what the customer is sent. Texts given here replace the built-in ones.
  mutating func callBacks(_ place: PolicyNode?) -> CallBackPolicy {
    var policy = CallBackPolicy()
    guard let place, let fields = fields(of: place, known: ["within", "warn_before", "calendar", "text"]) else {
      return policy
    }
    if let within = fields["within"].flatMap({ duration($0, in: PolicyLimits.callBackWithin) }) {
      policy.within = within
    }
    if let before = fields["warn_before"].flatMap({ duration($0, in: PolicyLimits.callBackWarning) }) {
      policy.warnBefore = before
    }
    policy.calendar = fields["calendar"].flatMap { reference($0, to: "calendar", among: calendarNames) }
    guard let texts = fields["text"], let versions = self.fields(of: texts, known: PolicyReader.articleLanguages)
    else { return policy }
    policy.texts = [:]
    for language in PolicyReader.articleLanguages {
      guard let place = versions[language], let text = text(place) else { continue }
      if !text.contains("{due}") {
        report(place, "the text does not say when the call-back is due", remedy: "write {due} where the time belongs")
      }
      policy.texts[language] = text
    }
    return policy
  }

  /// Reads `stuck_queues:`, when a queue in which tickets wait counts as stuck.
  mutating func stuckQueues(_ place: PolicyNode?) -> StuckQueueRule {
    var rule = StuckQueueRule()
    guard let place, let fields = fields(of: place, known: ["after"]) else { return rule }
    if let after = fields["after"].flatMap({ duration($0, in: PolicyLimits.stuckAfter) }) { rule.after = after }
    return rule
  }

  /// Reads `reserve_calls:`, when agents in reserve are called and sent back.
  mutating func reserveCalls(_ place: PolicyNode?) -> ReserveCallRule {
    var rule = ReserveCallRule()
    guard let place, let fields = fields(of: place, known: ["on", "oldest", "quiet", "apart"]) else { return rule }
    if let isOn = fields["on"].flatMap({ flag($0) }) { rule.isOn = isOn }
    for (name, field) in [
      ("oldest", \ReserveCallRule.oldest), ("quiet", \.quiet), ("apart", \.apart),
    ] as [(String, WritableKeyPath<ReserveCallRule, Duration>)] {
      if let time = fields[name].flatMap({ duration($0, in: PolicyLimits.reserveTimes) }) {
        rule[keyPath: field] = time
      }
    }
    return rule
  }
}
