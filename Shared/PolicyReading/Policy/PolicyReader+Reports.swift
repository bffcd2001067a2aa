import DeskCore

// MARK: - Scheduled reports

extension PolicyReader {
  /// Reads `reports:`, the reports that are made at set times; sorted by name.
  mutating func reportSchedules(_ place: PolicyNode?) -> [ReportSchedule] {
    guard let place, let fields = fields(of: place, known: ["schedules"]) else { return [] }
    return named(fields["schedules"], limit: PolicyLimits.reportSchedules).compactMap { reportSchedule($0) }
      .sorted { $0.name < $1.name }
  }

  private mutating func reportSchedule(_ entry: PolicyEntry) -> ReportSchedule? {
    let known = [
      "title", "report", "by", "figure", "days", "every", "at", "time_zone", "format", "language", "hook", "file",
    ]
    guard let fields = fields(of: entry.value, known: known) else { return nil }
    let before = mistakes.count + omitted
    title(fields["title"], of: "reports.schedules.\(entry.name)")
    let topic = needed("report", in: fields).flatMap { word($0, among: ReportTopic.self) }
    let grouping = fields["by"].flatMap { word($0, among: ReportGrouping.self) }
    let figure = fields["figure"].flatMap { word($0, among: ReportFigure.self) }
    let every = needed("every", in: fields).flatMap { self.every($0) }
    let minute = needed("at", in: fields).flatMap { timeOfDay($0) }
    let zone = needed("time_zone", in: fields).flatMap { self.zone($0) }
    let format = fields["format"].flatMap { word($0, among: ReportFormat.self) } ?? .csv
    let language = fields["language"].flatMap { word($0, among: ReportLanguage.self) } ?? .english
    let destination = destination(fields)
    guard let topic, let every else { return nil }
    let days =
      fields["days"].flatMap { integer($0, in: 1...ReportRequest.daysMost(topic)) } ?? (every.weekday == nil ? 1 : 7)
    if let place = fields["by"], !ReportRequest.isGrouped(topic) {
      report(place, "the report \(topic.rawValue) has no groups", remedy: "remove `by`")
    }
    if let place = fields["figure"], topic != .change {
      report(place, "only the report change has a figure", remedy: "remove `figure`")
    }
    if format == .svg, !ReportRequest.isDrawn(topic) {
      report(
        fields["format"] ?? entry.value, "the report \(topic.rawValue) has no picture", remedy: "write csv or json")
    }
    guard let minute, let zone, let destination, mistakes.count + omitted == before else { return nil }
    return ReportSchedule(
      name: Key(entry.name), request: ReportRequest(topic, by: grouping, of: figure), days: days,
      weekday: every.weekday, minute: minute, zone: zone, format: format, language: language,
      destination: destination)
  }

  private mutating func word<Choice: CaseIterable & RawRepresentable<String>>(
    _ place: PolicyNode, among: Choice.Type
  ) -> Choice? {
    word(place, among: Choice.allCases.map { (name: $0.rawValue, value: $0) })
  }

  /// Reads `day`, or a weekday for every week.
  private mutating func every(_ place: PolicyNode) -> (weekday: Int?, Void)? {
    let weekdays = PolicyReader.weekdays.enumerated().map { (name: $1, value: ($0 + 1) % 7 as Int?) }
    return word(place, among: [(name: "day", value: nil)] + weekdays).map { ($0, ()) }
  }

  private mutating func timeOfDay(_ place: PolicyNode) -> Int? {
    guard let (text, _) = scalar(place) else { return nil }
    if let minute = PolicyTime.minuteOfDay(text) { return minute }
    report(place, "\(quoted(text)) is not a time of day", remedy: "write hours and minutes, such as \"07:30\"")
    return nil
  }

  /// Reads where the report goes: `hook`, or `file: true`.
  private mutating func destination(_ fields: PolicyFields) -> ReportSchedule.Destination? {
    let isFile = fields["file"].flatMap { flag($0) } ?? false
    guard let place = fields["hook"] else {
      if isFile { return .file }
      report(fields.place, "the report has no receiver", remedy: "add `hook: NAME`, or `file: true`")
      return nil
    }
    if isFile {
      report(place, "the report has two receivers", remedy: "write two schedules, or remove `hook` or `file`")
      return nil
    }
    return reference(place, to: "hook", among: hookNames).map { .hook($0) }
  }
}
