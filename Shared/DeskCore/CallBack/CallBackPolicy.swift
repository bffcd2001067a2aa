/// How call-backs are promised, and what the customer is sent.
public struct CallBackPolicy: Hashable, Sendable {
  /// How long after the promise an overload's call-back is due, counted in `calendar`.
  public var within: Duration
  /// How long before the due time the owner is warned, at most; of a short promise the last quarter.
  public var warnBefore: Duration
  /// The calendar in whose hours `within` counts, and in whose time zone the due time is written; nil: always, UTC.
  public var calendar: CalendarID?
  /// What the customer is sent, by the beginning of a language code; `{due}` stands for the due time.
  // exact-keys: languages that the policy names, looked up by the classifier's names.
  public var texts: [String: String]

  /// The texts without settings of the policy.
  public static let usualTexts = [
    "zh": "我们会在 {due} 前给您回电。", "en": "We will call you back by {due}.",
  ]

  /// Creates the settings.
  public init(
    within: Duration = .seconds(4 * 3_600), warnBefore: Duration = .seconds(15 * 60), calendar: CalendarID? = nil,
    // exact-keys: as above.
    texts: [String: String] = CallBackPolicy.usualTexts
  ) {
    self.within = within
    self.warnBefore = warnBefore
    self.calendar = calendar
    self.texts = texts
  }
}

extension Policy {
  private var callBackHours: BusinessCalendar {
    life.callBacks.calendar.flatMap { calendars[$0] } ?? .always
  }

  /// When a call-back that an overload promises now is due. A calendar that hardly ever opens counts like one that is always open.
  func callBackDue(from now: Instant) -> Instant {
    callBackHours.instant(after: life.callBacks.within, from: now) ?? now + life.callBacks.within
  }

  /// What the customer is sent about a call-back, in their language and with the due time in the calendar's time zone; nil without texts.
  func callBackText(due: Instant, language: String) -> String? {
    life.callBacks.texts.entry(forLanguage: language)?.replacing("{due}", with: callBackHours.zone.minute(of: due))
  }
}

extension ZoneOffsets {
  /// The local date and minute, such as `2026-03-02 17:05 (Asia/Shanghai)`.
  func minute(of instant: Instant) -> String {
    let local = instant.advanced(byMicroseconds: Int64(offsetSeconds(at: instant)) * 1_000_000)
    // RFC 3339 begins with the date, `T`, and hours and minutes.
    let text = RFC3339.text(local)
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) (\(name))"
  }
}
