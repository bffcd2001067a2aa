import DeskCore
import Testing

@Suite struct CustomerLookUpTests {
  private func lookUp(_ template: String) -> CustomerLookUp {
    CustomerLookUp(
      template: template, secrets: ["s"], shown: ["name"], keeps: .seconds(600), allowsPrivateAddress: false)
  }

  @Test(arguments: [
    ("ann", "https://crm.example/c/web/ann?v=1"), ("a b/ü?&#", "https://crm.example/c/web/a%20b%2F%C3%BC%3F%26%23?v=1"),
    ("../admin", "https://crm.example/c/web/..%2Fadmin?v=1"), ("%2e%2e", "https://crm.example/c/web/%252e%252e?v=1"),
    ("{channel}", "https://crm.example/c/web/%7Bchannel%7D?v=1"),
    ("张伟", "https://crm.example/c/web/%E5%BC%A0%E4%BC%9F?v=1"),
  ])
  func customersAreEncodedSoThatTheyStayInTheirPlace(_ customer: String, _ address: String) {
    let lookUp = lookUp("https://crm.example/c/{channel}/{customer}?v=1")
    #expect(lookUp.address(of: Correspondent(customer, on: "web")) == address)
  }

  @Test(arguments: [".", ".."]) func relativePathsAreNotAsked(_ customer: String) {
    #expect(lookUp("https://crm.example/c/{customer}").address(of: Correspondent(customer, on: "web")) == nil)
  }

  @Test func otherBracesStayAsTheyAre() {
    #expect(lookUp("https://h/{x}{{customer}").address(of: Correspondent("a", on: "web")) == "https://h/{x}{a")
  }

  @Test(arguments: [
    ("https://crm.example/c/ann?v=1", "/c/ann?v=1"), ("https://crm.example:8443?q=ann", "/?q=ann"),
    ("https://crm.example", "/"), ("http://[::1]:80/a", "/a"),
  ])
  func pathAndQueryAreSigned(_ address: String, _ target: String) {
    #expect(CustomerLookUp.target(of: address) == target)
  }

  @Test func onlyPlainNamedFieldsAreKept() throws {
    let answer = """
      {"name":"Ann \\u0000 \\n Lee","score":4.5,"since":2019,"vip":true,"nested":{"a":1},"list":[1],"none":null,
       "name":"second","secret":"x","huge":1e999}
      """
    let shown = ["since", "name", "score", "vip", "nested", "list", "none", "huge", "missing"]
    let fields = try #require(CustomerFields(answer: Array(answer.utf8), shown: shown))
    #expect(fields.json.json == #"{"since":2019,"name":"Ann     Lee","score":4.5,"vip":true}"#)
    #expect(CustomerFields(kept: fields.json.json, shown: shown) == fields)
    #expect(CustomerFields(kept: fields.json.json, shown: ["vip"])?.json.json == #"{"vip":true}"#)
  }

  @Test func longValuesAreCut() throws {
    let answer = JSONValue.object([.init("name", .text(String(repeating: "张", count: 600)))]).json
    let name = try #require(CustomerFields(answer: Array(answer.utf8), shown: ["name"])?.fields.first?.value.text)
    #expect(name == String(repeating: "张", count: CustomerFields.Bounds.valueCharacters) + "…")
  }

  @Test func hostileAnswersAreRefused() {
    let deep = #"{"name":"# + String(repeating: "[", count: 8_000)
    let long = #"{"name":""# + String(repeating: "a", count: CustomerFields.Bounds.answerBytes) + #""}"#
    for answer in ["", "[]", "null", "<html>", #"{"name":"a""#, #"{"name":"\ud800"}"#, deep, long] {
      #expect(CustomerFields(answer: Array(answer.utf8), shown: ["name"]) == nil)
    }
    #expect(CustomerFields(answer: Array(#"{"name":""#.utf8) + [0xFF, 0x22, 0x7D], shown: ["name"]) == nil)
  }

  @Test func proofsAreDigests() {
    let hex = String(repeating: "0f", count: 32)
    #expect(CustomerProof(.email, hexadecimal: hex)?.digest == Array(repeating: 15, count: 32))
    for wrong in ["", "ann@example.com", hex.uppercased(), String(hex.dropLast()), hex + "00", hex.dropLast() + "g"] {
      #expect(CustomerProof(.email, hexadecimal: String(wrong)) == nil)
    }
  }
}

/// Transcripts of a record's life.
@Suite struct LookUpRecordTests {
  private let start = Instant(microseconds: 0)
  private let keeps: Duration = .seconds(600)

  private func expect(
    _ record: LookUpRecord, at seconds: Int, _ state: LookUpRecord.State, asks: Bool,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let now = start + .seconds(seconds)
    #expect(record.state(now: now, keeps: keeps) == state, sourceLocation: sourceLocation)
    #expect(record.needsAnswer(now: now, keeps: keeps) == asks, sourceLocation: sourceLocation)
  }

  @Test func anAnswerIsFreshThenStale() {
    expect(LookUpRecord(), at: 0, .pending, asks: true)
    expect(LookUpRecord(wantedAt: start), at: 59, .pending, asks: false)
    expect(LookUpRecord(wantedAt: start), at: 60, .pending, asks: true)
    let answered = LookUpRecord(fetchedAt: start, fields: "{}")
    expect(answered, at: 599, .fresh, asks: false)
    expect(answered, at: 600, .stale, asks: true)
    expect(LookUpRecord(wantedAt: start + .seconds(600), fetchedAt: start, fields: "{}"), at: 601, .stale, asks: false)
  }

  @Test func failuresAreNotRepeatedAtOnce() {
    expect(LookUpRecord(failedAt: start), at: 9, .unavailable, asks: false)
    expect(LookUpRecord(failedAt: start), at: 10, .unavailable, asks: true)
    expect(LookUpRecord(fetchedAt: start, failedAt: start + .seconds(700), fields: "{}"), at: 705, .stale, asks: false)
  }

  @Test func unknownCustomersAreRemembered() {
    expect(LookUpRecord(fetchedAt: start), at: 1, .unknown, asks: false)
    expect(LookUpRecord(fetchedAt: start), at: 600, .pending, asks: true)
    expect(LookUpRecord(fetchedAt: start, failedAt: start + .seconds(605)), at: 606, .unavailable, asks: false)
  }
}
