package import DeskCore
import Yams

// MARK: - Single values

extension PolicyReader {
  /// Reads a text of 1 to `PolicyLimits.textCharacters` characters without control characters.
  package mutating func text(_ place: PolicyNode) -> String? {
    guard let (text, _) = scalar(place) else { return nil }
    // Counted in Unicode scalars: one Swift character may be of any length.
    let length = text.unicodeScalars.count
    guard (1...PolicyLimits.textCharacters).contains(length) else {
      report(
        place, "the text has \(length) characters", remedy: "write 1 to \(PolicyLimits.textCharacters) characters")
      return nil
    }
    guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      report(place, "the text contains control characters", remedy: "remove them")
      return nil
    }
    return text
  }

  /// Reads one of several allowed values.
  package mutating func word<Value>(_ place: PolicyNode, among words: [(name: String, value: Value)]) -> Value? {
    guard let (text, _) = scalar(place) else { return nil }
    if let match = words.first(where: { $0.name == text }) { return match.value }
    report(
      place, "unknown value \(quoted(text))", remedy: "write one of \(words.map(\.name).joined(separator: ", "))")
    return nil
  }

  /// Reads a whole number in a range.
  package mutating func integer(_ place: PolicyNode, in range: ClosedRange<Int>) -> Int? {
    guard let (text, isUnquoted) = scalar(place) else { return nil }
    guard isUnquoted, let number = Int(text), range.contains(number) else {
      report(
        place, "\(quoted(text)) is not a whole number in the allowed range",
        remedy: "write a number from \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return number
  }

  /// Reads a fraction from 0 to 1.
  package mutating func share(_ place: PolicyNode) -> Double? {
    guard let (text, isUnquoted) = scalar(place) else { return nil }
    let isDecimal = text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
    guard isUnquoted, isDecimal, let number = Double(text), (0...1).contains(number) else {
      report(place, "\(quoted(text)) is not a number from 0 to 1", remedy: "write a number such as 0.35")
      return nil
    }
    return number
  }

  /// Reads `true` or `false`.
  package mutating func flag(_ place: PolicyNode) -> Bool? {
    guard let (text, isUnquoted) = scalar(place) else { return nil }
    switch (text, isUnquoted) {
    case ("true", true): return true
    case ("false", true): return false
    default:
      report(place, "\(quoted(text)) is neither true nor false", remedy: "write true or false")
      return nil
    }
  }

  /// Reads a duration such as `90s`, `15m`, `2h`, `1d` or `1h30m`.
  package mutating func duration(_ place: PolicyNode, in range: ClosedRange<Duration> = PolicyLimits.time) -> Duration?
  {
    guard let (text, _) = scalar(place) else { return nil }
    guard let duration = PolicyTime.duration(text) else {
      report(
        place, "\(quoted(text)) is not a duration", remedy: "write a number and s, m, h or d, such as 30s, 15m or 1h30m"
      )
      return nil
    }
    guard range.contains(duration) else {
      report(
        place, "\(quoted(text)) is too short or too long",
        remedy: "write \(PolicyTime.text(range.lowerBound)) to \(PolicyTime.text(range.upperBound))")
      return nil
    }
    return duration
  }

  /// Reads a date such as `2026-03-02`: the beginning of that day in UTC.
  package mutating func day(_ place: PolicyNode) -> Instant? {
    guard let (text, _) = scalar(place) else { return nil }
    guard let day = PolicyTime.day(text) else {
      let years = PolicyLimits.years
      report(
        place, "\(quoted(text)) is not a date in the years \(years.lowerBound) to \(years.upperBound)",
        remedy: "write year, month and day, such as 2026-03-02")
      return nil
    }
    return Instant(seconds: Int64(day) * 86_400)
  }

  /// Reads a reference to a name declared elsewhere in the file.
  package mutating func reference<Subject>(
    _ place: PolicyNode, to what: String, among known: Set<String>
  ) -> Key<Subject>? {
    guard let (name, _) = scalar(place), isWellFormed(name, at: place) else { return nil }
    guard known.contains(name) else {
      let guess = guess(for: name, among: known)
      report(place, "unknown \(what) \(quoted(name))", remedy: guess ?? "declare it, or use a declared one")
      return nil
    }
    return Key(name)
  }

  /// Reads a list of references to declared names; duplicates are a mistake.
  package mutating func references<Subject>(
    _ place: PolicyNode?, to what: String, among known: Set<String>
  ) -> Set<Key<Subject>> {
    guard let place else { return [] }
    var found: Set<Key<Subject>> = []
    for item in itemsOrOne(place) {
      guard let key: Key<Subject> = reference(item, to: what, among: known) else { continue }
      if !found.insert(key).inserted {
        report(item, "\(quoted(key.rawValue)) is listed twice", remedy: "list it once")
      }
    }
    return found
  }

  /// Reads skills and proficiencies, `{logistics: 5}`, or a list of skills, which require proficiency 1.
  mutating func proficiencies(_ place: PolicyNode?) -> [(skill: SkillID, proficiency: Int, place: PolicyNode)] {
    guard let place, !place.isNull else { return [] }
    if case .sequence = place.node {
      return items(place).compactMap { item in
        guard let skill: SkillID = reference(item, to: "skill", among: skillNames) else { return nil }
        return (skill, 1, item)
      }
    }
    return named(place).compactMap { entry in
      guard let skill: SkillID = reference(entry.key, to: "skill", among: skillNames),
        let proficiency = integer(entry.value, in: 1...10)
      else { return nil }
      return (skill, proficiency, entry.key)
    }
  }

  /// Reads a title of the file itself, `{zh: 促销日, en: A sale day}`.
  package mutating func title(_ place: PolicyNode?) -> [String: String] {
    title(place, of: "")
    return titles.removeValue(forKey: "")?.byLanguage ?? [:]
  }

  /// Reads a title in one or more languages, `{zh: 物流, en: Shipping}`, or one text for all.
  mutating func title(_ place: PolicyNode?, of subject: String) {
    guard let place else { return }
    if case .scalar = place.node {
      if let text = text(place) { titles[subject] = PolicyTitle(byLanguage: ["und": text]) }
      return
    }
    guard let fields = fields(of: place, known: ["zh", "en"]) else { return }
    var byLanguage: [String: String] = [:]
    for language in ["zh", "en"] {
      if let value = fields[language] { byLanguage[language] = text(value) }
    }
    titles[subject] = PolicyTitle(byLanguage: byLanguage)
  }
}
