import Testing

@testable import DeskCore

@Suite("Values of fields are found in messages, in both languages")
struct FieldReadingTests {
  private func read(_ text: String, _ kind: FieldDefinition.Kind, isAsked: Bool = false) -> FieldReading? {
    FieldSource(text, folded: FoldedText(text), at: .morning).reading(
      of: FieldDefinition("f", kind), isAsked: isAsked,
      calendars: [
        "shanghai": BusinessCalendar(
          zone: ZoneOffsets(name: "Asia/Shanghai", initialOffsetSeconds: 28_800, transitions: []),
          week: Array(repeating: [], count: 7), exceptions: [:])
      ])
  }

  @Test(arguments: [
    ("My order FD-20263041 has not arrived", "FD-20263041"), ("订单号是ｆｄ－２０２６３０４１，还没到", "FD-20263041"),
    ("订单102938475什么时候发货", "102938475"), ("102938475 and again 102938475", "102938475"),
  ])
  func anOrderNumberIsFound(_ text: String, _ value: String) {
    #expect(read(text, .orderNumber) == .value(value))
  }

  @Test(arguments: [
    "Where is my order?", "我的订单在哪里", "since 2026-03-02", "12345", "ORDER-NUMBER", "----------", "abcdef1",
    String(repeating: "9", count: 33),
  ])
  func whatIsNoOrderNumberIsNotFound(_ text: String) {
    #expect(read(text, .orderNumber) == nil)
  }

  @Test func twoOrderNumbersAreNotClear() {
    #expect(read("FD-111111 or FD-222222?", .orderNumber) == .several)
  }

  @Test(arguments: [
    ("fd12345678", "FD-12345678"), ("ＦＤ 12345678.", "FD-12345678"), ("订单FD-12345678没到", "FD-12345678"),
    ("(FD-12345678)", "FD-12345678"),
  ])
  func aPatternIsFoundInAnySpelling(_ text: String, _ value: String) throws {
    #expect(read(text, .pattern([try #require(FieldPattern("FD-00000000"))])) == .value(value))
  }

  @Test(arguments: ["FD-1234567", "FD-123456789", "XFD-12345678", "FD--12345678", "AB-12345678"])
  func whatDoesNotFitAPatternIsNotFound(_ text: String) throws {
    #expect(read(text, .pattern([try #require(FieldPattern("FD-00000000"))])) == nil)
  }

  @Test(arguments: ["", "000", "-0000", "0000-", "AA 00", "订单0000", String(repeating: "0", count: 41)])
  func whatIsNoPatternIsRefused(_ form: String) {
    #expect(FieldPattern(form) == nil)
  }

  @Test(arguments: [
    ("It broke on 2026-02-27", "2026-02-27"), ("2026年2月27日坏的", "2026-02-27"), ("2026/2/27", "2026-02-27"),
    ("2月27号", "2026-02-27"), ("12月30日买的", "2025-12-30"), ("27 February", "2026-02-27"),
    ("the 27th of February, 2026", "2026-02-27"), ("Feb 27, 2026", "2026-02-27"), ("December 30", "2025-12-30"),
    ("yesterday", "2026-03-01"), ("the day before yesterday", "2026-02-28"), ("昨天开始的", "2026-03-01"),
    ("前天", "2026-02-28"),
    ("today, 2 March", "2026-03-02"),
  ])
  func aDayIsFound(_ text: String, _ day: String) {
    #expect(read(text, .date("always")) == .value(day))
  }

  @Test(arguments: ["2026-02-30", "3/4/2026", "may I ask", "a while ago", "2026-13-01", "很久以前"])
  func whatIsNoDayIsNotFound(_ text: String) {
    #expect(read(text, .date("always")) == nil)
  }

  /// At 09:00 UTC on 2 March it is 17:00 in Shanghai; at 20:00 UTC it is the third there.
  @Test func wordsForDaysAreReadInTheZoneOfTheCalendar() {
    let text = "昨天"
    let late = FieldSource(text, folded: FoldedText(text), at: .morning + .seconds(11 * 3_600))
    let calendars = [
      CalendarID("shanghai"): BusinessCalendar(
        zone: ZoneOffsets(name: "Asia/Shanghai", initialOffsetSeconds: 28_800, transitions: []),
        week: Array(repeating: [], count: 7), exceptions: [:])
    ]
    let field = FieldDefinition("since", .date("shanghai"))
    #expect(late.reading(of: field, isAsked: false, calendars: calendars) == .value("2026-03-02"))
    #expect(late.reading(of: field, isAsked: false, calendars: [:]) == .value("2026-03-01"))
  }

  @Test func aChoiceIsFoundByItsWordsAndItsNumber() {
    let kind = FieldDefinition.Kind.choice([
      FieldChoice("damaged", words: ["broken", "破损"]), FieldChoice("missing", words: ["missing", "没收到"]),
    ])
    #expect(read("It is BROKEN", kind) == .value("damaged"))
    #expect(read("我还没收到", kind) == .value("missing"))
    #expect(read("broken or missing", kind) == .several)
    #expect(read("２", kind, isAsked: true) == .value("missing"))
    #expect(read("2", kind) == nil, "a number is an answer only to the question")
    #expect(read("3", kind, isAsked: true) == nil)
  }

  @Test func aFreeTextIsCutAndOnlyReadWhenAsked() {
    #expect(read(" The\nscreen  ", .text(atMost: 8), isAsked: true) == .value("The scre"))
    #expect(read("屏幕坏了", .text(atMost: 8), isAsked: true) == .value("屏幕坏了"))
    #expect(read("The screen", .text(atMost: 8)) == nil)
    #expect(read(" \u{200B} ", .text(atMost: 8), isAsked: true) == nil)
  }

  @Test(arguments: [
    ("FD-12345678", true), ("My order number is FD-12345678", true), ("订单号是FD-12345678", true),
    ("FD-12345678, and I want to cancel it because it is too late", false), ("FD-12345678，我要退款，太慢了", false),
  ])
  func aMessageOfLittleButValuesIsBare(_ text: String, _ isBare: Bool) {
    #expect(FieldSource(text, folded: FoldedText(text), at: .morning).isBare == isBare)
  }
}
