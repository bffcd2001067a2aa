extension OfferTrial.Change {
  /// The change as a phrase.
  var phrase: Phrase {
    switch self {
    case .team(let team): Phrase(.wantTeam, ["team": .text(team.rawValue)], text: "membership of \(team)")
    case .skill(let requirement):
      Phrase(
        .wantSkill, ["skill": .text(requirement.skill.rawValue), "proficiency": .count(requirement.proficiency)],
        text: "\(requirement.skill) at \(requirement.proficiency)")
    case .language(let language):
      Phrase(.wantLanguage, ["language": .text(language)], text: "the language \(language)")
    case .present: Phrase(.wantPresent, text: "presence")
    case .available: Phrase(.wantAvailable, text: "presence available instead of reserve")
    case .notAsked: Phrase(.wantNotAsked, text: "no other offer in that round")
    case .notRefused: Phrase(.wantNotRefused, text: "no earlier refusal")
    case .notPaused: Phrase(.wantNotPaused, text: "no pause after the last offer")
    case .capacity(let capacity):
      Phrase(.wantCapacity, ["capacity": .count(capacity)], text: "capacity \(capacity)")
    case .load(let load): Phrase(.wantLoad, ["load": .count(load)], text: "load \(load)")
    case .idleSince(_, let other):
      Phrase(.wantIdle, ["agent": .text(other.rawValue)], text: "a longer idle time than \(other)'s")
    case .otherAbsent(let other):
      Phrase(.wantOtherAbsent, ["agent": .text(other.rawValue)], text: "\(other) away")
    }
  }
}

extension AgentRequirements {
  /// The requirements as phrases.
  func phrases(speaking needed: String) -> [Phrase] {
    let names = teams.map(\.rawValue).sorted()
    var phrases = [
      teams.isEmpty
        ? Phrase(.needsAnyTeam, text: "any team")
        : Phrase(.needsTeam, ["teams": .names(names)], text: "team \(names.listed(with: "or"))")
    ]
    phrases += skills.map {
      Phrase(
        .needsSkill, ["skill": .text($0.skill.rawValue), "proficiency": .count($0.proficiency)],
        text: "\($0.skill) at \($0.proficiency)")
    }
    if language, !["und", "other", "mixed", ""].contains(needed) {
      phrases.append(Phrase(.needsLanguage, ["language": .text(needed)], text: "speaks \(needed)"))
    }
    if reserve { phrases.append(Phrase(.needsReserve, text: "including the reserve")) }
    return phrases
  }
}

extension OfferPause {
  /// The pause as a phrase.
  public var phrase: Phrase {
    Phrase(.lostPaused, ["times": .count(times), "until": .text(RFC3339.text(until))], text: text)
  }
}

extension RotaDuty {
  /// The duty as a phrase.
  public var phrase: Phrase {
    switch basis {
    case .shift: Phrase(.chosenShift, ["account": .text(account)], text: described)
    case .exception: Phrase(.chosenException, ["account": .text(account)], text: described)
    case .deputy:
      instead.map {
        Phrase(.chosenDeputy, ["account": .text(account), "agent": .text($0.rawValue)], text: described)
      } ?? Phrase(.chosenDeputyAlone, ["account": .text(account)], text: described)
    }
  }

  private var described: String { "the customer's dedicated agent: \(text)" }
}

extension OfferRecord {
  /// Why it was the ticket's turn, as phrases.
  func turns(under headStarts: HeadStarts) -> [Phrase] {
    var phrases = [
      isOverdueTurn
        ? Phrase(.turnOverdue, text: "its turn as the queue's most overdue ticket")
        : Phrase(.turnFirst, ["band": .text(result.band.code)], text: "first in the order: \(result.band.text)")
    ]
    if result.band == .inTime || result.band == .urgentInTime {
      let (byPriority, byTier) = (headStarts.start(of: ticket.priority), headStarts.start(of: ticket.tier))
      if byPriority > .zero {
        phrases.append(
          Phrase(
            .turnPriority,
            ["seconds": .count(byPriority.components.seconds), "priority": .text(ticket.priority.name)],
            text: "counted as due \(byPriority.words) earlier for priority \(ticket.priority.name)"))
      }
      if byTier > .zero {
        phrases.append(
          Phrase(
            .turnTier, ["seconds": .count(byTier.components.seconds), "tier": .text(ticket.tier.rawValue)],
            text: "counted as due \(byTier.words) earlier for tier \(ticket.tier.rawValue)"))
      }
    }
    if passedOver > 0 {
      phrases.append(
        Phrase(
          .turnPassedOver, ["count": .count(passedOver)],
          text: "no present agent could take the \(passedOver) before it"))
    }
    return phrases
  }
}

extension QueueRank.Band {
  /// The band's name in phrases.
  public var code: String {
    switch self {
    case .urgentInTime: "urgent_in_time"
    case .urgentLate: "urgent_late"
    case .inTime: "in_time"
    case .late: "late"
    }
  }
}
