import DeskCore
import Testing

@testable import PolicyReading

@Suite("The key accounts of a policy") struct PolicyKeyAccountTests {
  private static let text = """
    version: 1
    teams: {desk: {}}
    agents: [{ids: a-1..a-4, teams: [desk], capacity: 5}]
    queues: {general: {teams: [desk]}}
    default_queue: general
    triage: {queue: general, below: 0.3}
    channels: {web: {replies: fetch}, partner: {replies: fetch}}
    key_accounts:
      - name: acme
        customers: {partner: [acme-1, acme-2], web: buyer}
        time_zone: Asia/Shanghai
        rota:
          - {agent: a-1, days: monday..friday, hours: ["09:00-12:00", "13:00-18:00"]}
          - {agent: a-2, days: [saturday, sunday]}
        exceptions:
          2026-10-01..2026-10-02: a-3
          2026-10-03: []
        deputies: [a-4, a-3]
      - name: globex
        customers: {web: globex}
        time_zone: UTC
        deputies: a-2

    """

  @Test func everySettingIsRead() throws {
    let accounts = try PolicyDocument.load(yaml: Self.text, version: 1).life.keyAccounts
    #expect(accounts.accounts.map(\.name) == ["acme", "globex"])
    let acme = try #require(accounts.account(of: Correspondent("acme-2", on: "partner")))
    #expect(acme == accounts.account(of: Correspondent("buyer", on: "web")))
    #expect(accounts.account(of: Correspondent("acme-2", on: "web")) == nil)
    #expect(
      acme.shifts == [
        .init("a-1", weekdays: [0, 1, 2, 3, 4], hours: [540..<720, 780..<1_080]), .init("a-2", weekdays: [5, 6]),
      ])
    let first = try #require(CivilDay("2026-10-01")).sinceEpoch
    #expect(acme.exceptions == [first: ["a-3"], first + 1: ["a-3"], first + 2: []])
    #expect(acme.deputies == ["a-4", "a-3"] && acme.zone.name == "Asia/Shanghai")
  }

  @Test(arguments: [
    ("acme-2]", "acme-1]"), ("web: globex}", "web: buyer}"), ("web: globex}", "wap: globex}"),
    ("Asia/Shanghai", "Asia/Nowhere"), ("agent: a-1", "agent: a-9"), ("monday..friday", "funday"),
    ("\"13:00-18:00\"", "\"11:00-18:00\""), ("2026-10-03: []", "2026-10-02: []"), ("2026-10-03: []", "2026-13-03: []"),
    ("deputies: a-2", "deputies: b-2"), ("    deputies: a-2\n", ""), ("name: globex", "name: acme"),
  ])
  func aMistakeIsReported(_ text: String, _ other: String) {
    let changed = Self.text.replacing(text, with: other)
    #expect(changed != Self.text)
    #expect(throws: PolicyMistakes.self, "\(other)") { try PolicyDocument.load(yaml: changed, version: 1) }
  }
}
