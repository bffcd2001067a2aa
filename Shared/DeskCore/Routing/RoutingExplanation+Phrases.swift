extension FactChange {
  /// The changed fact as a phrase.
  public var phrase: Phrase {
    switch self {
    case .value(let field, let values):
      Phrase(.factValue, ["field": .text(field.rawValue), "values": .names(values)], text: text)
    case .otherValue(let field, let values):
      Phrase(.factOtherValue, ["field": .text(field.rawValue), "values": .names(values)], text: text)
    case .confidence(let value): Phrase(.factConfidence, ["confidence": .number(value)], text: text)
    case .urgency(let urgency): Phrase(.factUrgency, ["urgency": .text(urgency.name)], text: text)
    case .tier(let tier): Phrase(.factTier, ["tier": .text(tier.rawValue)], text: text)
    case .words(let list, true): Phrase(.factWords, ["words": .names(list.words)], text: text)
    case .words(let list, false): Phrase(.factNoWords, ["words": .names(list.words)], text: text)
    case .hours(let calendar, true): Phrase(.factOpen, ["calendar": .text(calendar.rawValue)], text: text)
    case .hours(let calendar, false): Phrase(.factClosed, ["calendar": .text(calendar.rawValue)], text: text)
    case .field(let test, true): Phrase(.factField, ["part": test.phrase.detail], text: text)
    case .field(let test, false): Phrase(.factNotField, ["part": test.phrase.detail], text: text)
    case .room(let queue): Phrase(.factRoom, ["queue": .text(queue.rawValue)], text: text)
    }
  }
}

extension FieldTest {
  /// The test as a phrase.
  public var phrase: Phrase {
    guard let values else { return Phrase(.conditionFieldGiven, ["field": .text(field.rawValue)], text: text) }
    let sorted = values.map(\.string).sorted { $0.precedesByBytes($1) }
    return Phrase(.conditionField, ["field": .text(field.rawValue), "values": .names(sorted)], text: text)
  }
}

extension Condition {
  /// The requirement as a phrase; `all` and `any` leave their parts to the trace.
  public var phrase: Phrase {
    switch self {
    case .always: Phrase(.conditionAlways, text: text)
    case .all: Phrase(.conditionAll, text: text)
    case .any: Phrase(.conditionAny, text: text)
    case .not(let part): Phrase(.conditionNot, ["part": part.phrase.detail], text: text)
    case .oneOf(let field, let values):
      Phrase(.conditionOneOf, ["field": .text(field.rawValue), "values": .names(values.sorted())], text: text)
    case .confidence(let least): Phrase(.conditionConfidence, ["least": .number(least)], text: text)
    case .urgency(let least): Phrase(.conditionUrgency, ["least": .text(least.name)], text: text)
    case .tier(let least): Phrase(.conditionTier, ["least": .text(least.rawValue)], text: text)
    case .words(let list): Phrase(.conditionWords, ["words": .names(list.words)], text: text)
    case .during(let calendar): Phrase(.conditionHours, ["calendar": .text(calendar.rawValue)], text: text)
    case .field(let test): test.phrase
    }
  }

  /// What was found as a phrase; nil where the parts say it.
  func found(in facts: RoutingFacts) -> Phrase? {
    guard let seen = seen(in: facts) else { return nil }
    func value(_ field: Field) -> Phrase {
      Phrase(.foundValue, ["field": .text(field.rawValue), "value": .text(seen)], text: seen)
    }
    return switch self {
    case .always, .all, .any, .not, .words, .field: nil
    case .oneOf(let field, _):
      facts.value(of: field).isEmpty ? Phrase(.foundNothing, text: seen) : value(field)
    case .confidence: Phrase(.foundConfidence, ["confidence": .number(facts.labels.confidence)], text: seen)
    case .urgency: value(.urgency)
    case .tier: value(.tier)
    case .during(let calendar): Phrase(facts.isOpen(calendar) ? .foundOpen : .foundClosed, text: seen)
    }
  }
}

extension RoutingExplanation {
  /// The decision and why, as phrases.
  public var summary: [Phrase] {
    let (queue, priority) = (decision.queue, decision.priority.name)
    let to = "to \(queue) at priority \(priority)"
    var phrases: [Phrase] = []
    if decision.needsTriage {
      let confidence = decision.labels.confidence
      phrases.append(
        Phrase(
          .routedToTriage,
          ["queue": .text(queue.rawValue), "priority": .text(priority), "confidence": .number(confidence)],
          text: "\(to): confidence \(confidence) is too low for any rule"))
    } else if let rule = decision.rule {
      let number = (rules.firstIndex { $0.rule == rule } ?? 0) + 1
      phrases.append(
        Phrase(
          .routedByRule,
          [
            "queue": .text(queue.rawValue), "priority": .text(priority), "rule": .text(rule),
            "number": .count(number), "rules": .count(rules.count),
          ], text: "\(to): rule “\(rule)”, number \(number) of \(rules.count)"))
    } else {
      phrases.append(
        Phrase(
          .routedByDefault, ["queue": .text(queue.rawValue), "priority": .text(priority)],
          text: "\(to): no rule matched"))
    }
    if let full = decision.overflowedFrom {
      phrases.append(Phrase(.routedOverflow, ["queue": .text(full.rawValue)], text: "\(full) was full"))
    }
    if decision.promisesCallback {
      phrases.append(
        Phrase(
          .routedCallBack, ["queue": .text(queue.rawValue)],
          text: "the queue was full, and the customer was promised a callback"))
    }
    return phrases
  }
}

extension RoutingExplanation.Alternative {
  /// What would have been decided, as a phrase without the changes.
  public var outcome: Phrase {
    let (queue, priority) = (decision.queue.rawValue, decision.priority.name)
    let to = "queue \(queue), priority \(priority)"
    if decision.needsTriage {
      return Phrase(
        .otherTriage, ["queue": .text(queue), "priority": .text(priority)],
        text: "a person would have labelled it: \(to)")
    }
    guard let rule else {
      return Phrase(
        .otherDefault, ["queue": .text(queue), "priority": .text(priority)],
        text: "no rule would have matched: \(to)")
    }
    return Phrase(
      .otherRule, ["rule": .text(rule), "queue": .text(queue), "priority": .text(priority)],
      text: "rule “\(rule)” would have decided: \(to)")
  }
}
