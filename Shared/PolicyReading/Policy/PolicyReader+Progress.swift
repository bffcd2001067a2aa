import DeskCore
import Yams

// MARK: - Notices of progress

extension PolicyReader {
  /// Reads `progress:`, what customers are notified of while their tickets are worked on. Titles and channels are read before.
  mutating func progress(_ place: PolicyNode?) -> ProgressPolicy {
    var progress = ProgressPolicy()
    let settings = ["channels", "default_language", "interval", "quiet_hours", "agent_names"]
    let known = settings + ProgressEvent.allCases.map(\.rawValue)
    guard let place, let fields = fields(of: place, known: known) else { return progress }
    progress.channels = references(needed("channels", in: fields), to: "channel", among: channelNames)
    if let interval = fields["interval"].flatMap({ duration($0, in: PolicyLimits.progressTime) }) {
      progress.interval = interval
    }
    progress.quietHours = quietHours(fields["quiet_hours"])
    progress.showsLogins =
      fields["agent_names"].flatMap { word($0, among: [("title", false), ("title_or_login", true)]) } ?? false
    progress.defaultLanguage = fields["default_language"].flatMap {
      word($0, among: PolicyReader.articleLanguages.map { ($0, $0) })
    }
    for event in ProgressEvent.allCases {
      guard let field = fields[event.rawValue] else { continue }
      progress.notices[event] = notice(field, of: event, default: progress.defaultLanguage)
    }
    if !ProgressEvent.allCases.contains(where: { fields[$0.rawValue] != nil }) {
      report(
        place, "no state has a text",
        remedy: "add one or more of \(ProgressEvent.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    for (subject, title) in titles {
      let name = subject.split(separator: ".", maxSplits: 1)
      guard name.count == 2 else { continue }
      if name[0] == "agents" { progress.agentTitles[AgentID(String(name[1]))] = title.byLanguage }
      if name[0] == "queues" { progress.queueTitles[QueueID(String(name[1]))] = title.byLanguage }
    }
    return progress
  }

  private mutating func notice(
    _ place: PolicyNode, of event: ProgressEvent, default language: String?
  ) -> ProgressPolicy.Notice? {
    let languages = PolicyReader.articleLanguages
    guard let fields = fields(of: place, known: ["after"] + languages) else { return nil }
    let after = fields["after"].flatMap { duration($0, in: PolicyLimits.progressTime) }
    var texts: [String: ProgressTemplate] = [:]
    for language in languages {
      if let text = fields[language].flatMap({ template($0, of: event) }) { texts[language] = text }
    }
    if !languages.contains(where: { fields[$0] != nil }) {
      report(place, "the notice has no text", remedy: "add `zh:` or `en:`")
      return nil
    }
    if let language, fields[language] == nil {
      report(place, "the text in the default language is missing", remedy: "add `\(language):`")
    }
    return ProgressPolicy.Notice(after: after ?? .zero, texts: texts)
  }

  private mutating func template(_ place: PolicyNode, of event: ProgressEvent) -> ProgressTemplate? {
    guard let (text, _) = scalar(place) else { return nil }
    guard (1...PolicyLimits.progressCharacters).contains(text.unicodeScalars.count), !text.allSatisfy(\.isWhitespace),
      !text.unicodeScalars.contains("\0")
    else {
      report(
        place, "the text is blank, too long or contains U+0000",
        remedy: "write 1 to \(PolicyLimits.progressCharacters) characters")
      return nil
    }
    do throws(ProgressTemplate.Mistake) {
      return try ProgressTemplate(text, for: event)
    } catch {
      report(error, in: text, place, of: event)
      return nil
    }
  }

  private mutating func report(
    _ mistake: ProgressTemplate.Mistake, in text: String, _ place: PolicyNode, of event: ProgressEvent
  ) {
    let allowed = event.placeholders.map { "{\($0.rawValue)}" }.joined(separator: ", ")
    let column = place.column + (columns(to: mistake.offset, in: text, place) ?? 0)
    switch mistake.kind {
    case .unknown(let name):
      let guess = guess(for: name, among: event.placeholders.map(\.rawValue))
      report(
        line: place.line, column: column, path: place.path, "unknown placeholder \(quoted("{\(name)}"))",
        remedy: guess ?? "use \(allowed), or {{ and }} for braces")
    case .unavailable(let placeholder):
      report(
        line: place.line, column: column, path: place.path,
        "{\(placeholder.rawValue)} has no value when a ticket is '\(event.rawValue)'", remedy: "use \(allowed)")
    case .unpairedBrace:
      report(
        line: place.line, column: column, path: place.path, "a brace has no counterpart",
        remedy: "write {{ or }} for a brace, or one of \(allowed)")
    }
  }

  /// How far right of its value's beginning a scalar of a text is in the file; nil for texts that may be written differently there: of
  /// several lines, or with escapes.
  private func columns(to offset: Int, in text: String, _ place: PolicyNode) -> Int? {
    guard case .scalar(let scalar) = place.node else { return nil }
    let before = text.unicodeScalars.prefix(offset)
    let isVerbatim = !before.contains { "\n\t\\\"'".unicodeScalars.contains($0) }
    guard isVerbatim else { return nil }
    switch scalar.style {
    case .plain: return offset
    case .singleQuoted, .doubleQuoted: return offset + 1
    default: return nil
    }
  }

  /// Reads `quiet_hours:`, hours of every day in a time zone, which may pass midnight.
  private mutating func quietHours(_ place: PolicyNode?) -> QuietHours? {
    guard let place, let fields = fields(of: place, known: ["hours", "time_zone"]) else { return nil }
    let zone = needed("time_zone", in: fields).flatMap { self.zone($0) }
    guard let hours = needed("hours", in: fields), let (text, _) = scalar(hours) else { return nil }
    guard let span = PolicyTime.night(orDay: text) else {
      report(
        hours, "\(quoted(text)) is not a part of the day", remedy: "write start and end, such as \"22:00-08:00\"")
      return nil
    }
    return zone.map { QuietHours(zone: $0, from: span.from, to: span.to) }
  }
}
