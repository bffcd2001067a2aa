/// The codes of explanations. Every code has a text with all its parameters in both languages (a test).
public enum PhraseCode: String, Sendable, Hashable, CaseIterable {
  // What a rule's condition asks for
  case conditionAlways = "condition.always"
  case conditionAll = "condition.all"
  case conditionAny = "condition.any"
  case conditionNot = "condition.not"
  case conditionOneOf = "condition.one_of"
  case conditionConfidence = "condition.confidence"
  case conditionUrgency = "condition.urgency"
  case conditionTier = "condition.tier"
  case conditionWords = "condition.words"
  case conditionHours = "condition.hours"
  case conditionFieldGiven = "condition.field_given"
  case conditionField = "condition.field"

  // What was found instead
  case foundValue = "found.value"
  case foundNothing = "found.nothing"
  case foundConfidence = "found.confidence"
  case foundOpen = "found.open"
  case foundClosed = "found.closed"

  // A fact that was different
  case factValue = "fact.value"
  case factOtherValue = "fact.other_value"
  case factConfidence = "fact.confidence"
  case factUrgency = "fact.urgency"
  case factTier = "fact.tier"
  case factWords = "fact.words"
  case factNoWords = "fact.no_words"
  case factOpen = "fact.open"
  case factClosed = "fact.closed"
  case factField = "fact.field"
  case factNotField = "fact.not_field"
  case factRoom = "fact.room"

  // Where a message was, or would have been, routed to
  case routedByRule = "routed.rule"
  case routedByDefault = "routed.default"
  case routedToTriage = "routed.triage"
  case routedOverflow = "routed.overflow"
  case routedCallBack = "routed.call_back"
  case otherRule = "other.rule"
  case otherDefault = "other.default"
  case otherTriage = "other.triage"

  // What an agent had to meet
  case needsTeam = "needs.team"
  case needsAnyTeam = "needs.any_team"
  case needsSkill = "needs.skill"
  case needsLanguage = "needs.language"
  case needsReserve = "needs.reserve"

  // Why it was the ticket's turn
  case turnOverdue = "turn.overdue"
  case turnFirst = "turn.first"
  case turnPriority = "turn.priority"
  case turnTier = "turn.tier"
  case turnPassedOver = "turn.passed_over"

  // Why the agent was chosen
  case chosenNobody = "chosen.nobody"
  case chosenDedicated = "chosen.dedicated"
  case chosenShift = "chosen.shift"
  case chosenException = "chosen.exception"
  case chosenDeputy = "chosen.deputy"
  case chosenDeputyAlone = "chosen.deputy_alone"
  case chosenKnowsCustomer = "chosen.knows_customer"
  case chosenOnlyOne = "chosen.only_one"
  case chosenQualification = "chosen.qualification"
  case chosenPresence = "chosen.presence"
  case chosenOccupancy = "chosen.occupancy"
  case chosenIdle = "chosen.idle"
  case chosenName = "chosen.name"

  // Why another agent was not
  case lostBehind = "lost.behind"
  case lostPaused = "lost.paused"
  case lostRefused = "lost.refused"
  case lostTaken = "lost.taken"
  case lostFull = "lost.full"
  case lostFullForWeight = "lost.full_for_weight"
  case lostFullForWhole = "lost.full_for_whole"
  case lostInReserve = "lost.in_reserve"
  case lostLanguage = "lost.language"
  case lostNoSkill = "lost.no_skill"
  case lostLowSkill = "lost.low_skill"
  case lostTeam = "lost.team"
  case lostAbsent = "lost.absent"
  case lostUnrecorded = "lost.unrecorded"

  // What would have made an agent the choice
  case wantTeam = "want.team"
  case wantSkill = "want.skill"
  case wantLanguage = "want.language"
  case wantPresent = "want.present"
  case wantAvailable = "want.available"
  case wantNotAsked = "want.not_asked"
  case wantNotRefused = "want.not_refused"
  case wantNotPaused = "want.not_paused"
  case wantCapacity = "want.capacity"
  case wantLoad = "want.load"
  case wantIdle = "want.idle"
  case wantOtherAbsent = "want.other_absent"
  case wantPresentAndFree = "want.present_and_free"

  // What would have sent the offer elsewhere
  case ifAway = "if.away"
  case ifNotDedicated = "if.not_dedicated"
  case ifUnknownCustomer = "if.unknown_customer"
  case ifOneMoreAgent = "if.one_more_agent"
  case thenAgent = "then.agent"
  case thenNewcomer = "then.newcomer"
  case thenNobody = "then.nobody"

  // Other decisions, and what cannot be explained
  case closingWords = "closing.words"
  case questionAsked = "question.asked"
  case unexplainedPolicy = "unexplained.policy"
  case unexplainedFacts = "unexplained.facts"
  case unexplainedInputs = "unexplained.inputs"
  case unexplainedShare = "unexplained.share"

  /// The names of its values.
  public var parameters: [String] {
    switch self {
    case .conditionAlways, .conditionAll, .conditionAny, .foundNothing, .foundOpen, .foundClosed, .needsAnyTeam,
      .needsReserve, .turnOverdue, .chosenNobody, .chosenDedicated, .chosenKnowsCustomer, .chosenOnlyOne,
      .chosenQualification, .chosenPresence, .chosenName, .lostRefused, .lostTaken, .lostInReserve, .lostAbsent,
      .lostUnrecorded, .wantPresent, .wantAvailable, .wantNotAsked, .wantNotRefused, .wantNotPaused,
      .wantPresentAndFree, .ifUnknownCustomer, .thenNewcomer, .thenNobody, .unexplainedFacts,
      .unexplainedInputs, .unexplainedShare:
      []
    case .conditionNot, .factField, .factNotField: ["part"]
    case .conditionOneOf, .factValue, .factOtherValue, .conditionField: ["field", "values"]
    case .conditionFieldGiven: ["field"]
    case .conditionConfidence, .conditionUrgency, .conditionTier: ["least"]
    case .conditionWords, .factWords, .factNoWords: ["words"]
    case .conditionHours, .factOpen, .factClosed: ["calendar"]
    case .foundValue: ["field", "value"]
    case .foundConfidence, .factConfidence: ["confidence"]
    case .factUrgency: ["urgency"]
    case .factTier: ["tier"]
    case .factRoom, .routedOverflow, .routedCallBack: ["queue"]
    case .routedByRule: ["queue", "priority", "rule", "number", "rules"]
    case .routedByDefault: ["queue", "priority"]
    case .routedToTriage: ["queue", "priority", "confidence"]
    case .otherRule: ["rule", "queue", "priority"]
    case .otherDefault, .otherTriage: ["queue", "priority"]
    case .needsTeam, .lostTeam: ["teams"]
    case .needsSkill, .wantSkill: ["skill", "proficiency"]
    case .needsLanguage, .wantLanguage: ["language"]
    case .turnFirst: ["band"]
    case .turnPriority: ["seconds", "priority"]
    case .turnTier: ["seconds", "tier"]
    case .turnPassedOver, .chosenOccupancy, .chosenIdle: ["count"]
    case .chosenShift, .chosenException, .chosenDeputyAlone: ["account"]
    case .chosenDeputy: ["account", "agent"]
    case .lostBehind: ["load", "capacity", "rank", "count"]
    case .lostPaused: ["times", "until"]
    case .lostFull, .lostFullForWhole: ["load", "capacity"]
    case .lostFullForWeight: ["load", "capacity", "weight"]
    case .lostLanguage: ["languages", "language"]
    case .lostNoSkill: ["skill", "proficiency"]
    case .lostLowSkill: ["skill", "has", "proficiency"]
    case .wantTeam: ["team"]
    case .wantCapacity: ["capacity"]
    case .wantLoad: ["load"]
    case .wantIdle, .wantOtherAbsent, .ifAway, .ifNotDedicated, .thenAgent: ["agent"]
    case .ifOneMoreAgent: ["requirements"]
    case .closingWords: ["share", "threshold"]
    case .questionAsked: ["field", "questionnaire", "attempt", "turn"]
    case .unexplainedPolicy: ["version"]
    }
  }
}
