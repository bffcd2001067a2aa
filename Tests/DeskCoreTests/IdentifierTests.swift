import Testing

@testable import DeskCore

@Suite("Identifiers")
struct IdentifierTests {
  @Test func textAndBytesRoundTrip() throws {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<500 {
      let id = TicketID(high: random.next(), low: random.next())
      #expect(TicketID(id.description) == id)
      #expect(TicketID(id.description.uppercased()) == id)
      #expect(TicketID(bytes: id.bytes) == id)
      #expect(id.description.utf8.count == 36)
    }
  }

  @Test func textIsInCanonicalForm() {
    let id = TicketID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
    #expect(id.description == "01234567-89ab-cdef-fedc-ba9876543210")
    #expect(id.bytes.prefix(3) == [0x01, 0x23, 0x45])
  }

  @Test(arguments: [
    "", "01234567-89ab-cdef-fedc-ba987654321", "01234567-89ab-cdef-fedc-ba98765432100",
    "0123456789abcdeffedcba9876543210", "01234567_89ab-cdef-fedc-ba9876543210", "g1234567-89ab-cdef-fedc-ba9876543210",
    "{1234567-89ab-cdef-fedc-ba987654321}", "01234567-89ab-cdef-fedc-ba98765432é",
  ])
  func invalidTextIsRefused(_ text: String) {
    #expect(TicketID(text) == nil)
  }

  @Test func wrongByteCountsAreRefused() {
    #expect(TicketID(bytes: [UInt8](repeating: 1, count: 15)) == nil)
    #expect(TicketID(bytes: [UInt8](repeating: 1, count: 17)) == nil)
  }

  @Test func versionAndVariantFollowRFC9562() {
    var random = SeededGenerator(seed: 4)
    for second in 0..<300 {
      let id = TicketID(at: .at(Int64(second)), using: &random)
      #expect(id.high >> 12 & 0xF == 7)
      #expect(id.low >> 62 == 0b10)
    }
    // The example in the RFC's appendix: 2022-02-22 19:22:22 UTC.
    let example = TicketID(at: Instant(microseconds: 0x017F_22E2_79B0 * 1_000), using: &random)
    #expect(example.description.hasPrefix("017f22e2-79b0-7"))
  }

  @Test func identifiersSortByTimeAndExposeIt() {
    var random = SeededGenerator(seed: 5)
    var last: TicketID?
    for step in 0..<500 {
      let moment = Instant.morning + .milliseconds(step)
      let id = TicketID(at: moment, using: &random)
      #expect(id.instant == moment)
      if let last {
        #expect(last < id)
        #expect(last.description < id.description)
      }
      last = id
    }
  }

  @Test func momentsBeforeTheEpochCountAsTheEpoch() {
    var random = SeededGenerator(seed: 6)
    #expect(TicketID(at: Instant(microseconds: -5), using: &random).instant == Instant(microseconds: 0))
  }

  @Test func convertingTheSubjectKeepsTheBytes() {
    let ticket = TicketID(high: 1, low: 2)
    #expect(ticket.of(Labels.self) == MessageID(high: 1, low: 2))
  }
}

@Suite("Keys")
struct KeyTests {
  @Test(arguments: ["a", "agent-001", "0", "a.b_c-d", String(repeating: "x", count: 64)])
  func plainNamesAreWellFormed(_ name: String) {
    #expect(QueueID(name).isWellFormed)
    #expect(QueueID(rawValue: name).description == name)
  }

  @Test(arguments: ["", "A", "a b", "物流", "a/b", "a\u{0}", "é", String(repeating: "x", count: 65)])
  func invalidNamesAreRefused(_ name: String) {
    #expect(!QueueID(name).isWellFormed)
  }

  @Test func keysAreOrderedByName() {
    let keys: [QueueID] = ["b", "a-2", "a-10"]
    #expect(keys.sorted() == ["a-10", "a-2", "b"])
  }
}

@Suite("Instants")
struct InstantTests {
  @Test func millisecondsAreRoundedDown() {
    #expect(Instant(microseconds: 1_999).milliseconds == 1)
    #expect(Instant(microseconds: 0).milliseconds == 0)
    #expect(Instant(microseconds: -1).milliseconds == -1)
    #expect(Instant(microseconds: -1_000).milliseconds == -1)
    #expect(Instant(microseconds: -1_001).milliseconds == -2)
    #expect(Instant(microseconds: .min).milliseconds == Int64.min / 1_000 - 1)
  }

  @Test func additionAndSubtractionUndoEachOther() {
    let moment = Instant.morning + .milliseconds(1_500)
    #expect(moment - Instant.morning == .milliseconds(1_500))
    #expect(moment - .milliseconds(1_500) == .morning)
    #expect(Instant(seconds: 3) == Instant(microseconds: 3_000_000))
  }

  @Test func durationsCountWholeMicroseconds() {
    #expect(Duration.nanoseconds(1_999).wholeMicroseconds == 1)
    #expect(Duration.milliseconds(-1_500).wholeMicroseconds == -1_500_000)
    #expect(Duration.milliseconds(1_500).inSeconds == 1.5)
  }
}
