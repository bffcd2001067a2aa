import Testing

@testable import DeskCore

/// How texts and queries are divided into terms, and what is shown of a match.
@Suite struct SearchTests {
  private func terms(_ text: String) -> Set<String> {
    var terms = SearchTerms()
    terms.add(text)
    return Set(terms.text.split(separator: " ").map(String.init))
  }

  @Test(arguments: [
    ("我的快递", ["我的", "的快", "快递", "递"]), ("快遞", ["快递", "递"]), ("款", ["款"]), ("退款。到账", ["退款", "款", "到账", "账"]),
    ("My REFUND", ["my", "refund"]), ("Ｃａｆé", ["cafe"]), ("order A-10023!", ["order", "a", "10023", "a-10023"]),
    ("快递SF123单", ["快递", "递", "sf123", "单"]), ("li@example.com.", ["li", "example", "com", "li@example.com"]),
    ("it's - ok", ["it", "s", "it's", "ok"]), ("a\u{200B}b", ["ab"]), ("…!?🙂", []), ("", []),
  ]) func textsHaveTheirTerms(text: String, expected: [String]) {
    #expect(terms(text) == Set(expected))
  }

  @Test func namesAndTicketsHaveMarksOfTheirOwn() {
    var terms = SearchTerms()
    terms.add(name: "Li 雷")
    terms.add(ticket: TicketID(high: 1, low: 0x9C4F))
    #expect(Set(terms.text.split(separator: " ")) == ["li", "@li", "雷", "@雷", "#9c4f"])
  }

  @Test func termsAreBounded() {
    var terms = SearchTerms()
    terms.add((0..<9_000).map { "w\($0)" }.joined(separator: " "))
    #expect(terms.count <= SearchLimits.termsPerMessage)
    #expect(self.terms(String(repeating: "x", count: 5_000)) == [String(repeating: "x", count: 64)])
  }

  @Test(arguments: [
    ("退款到账", "'退款' & '款到' & '到账'"), ("款", "'款':*"), ("refund", "'refund':*"), ("refund ", "'refund'"),
    ("my refund", "'my' & 'refund':*"), ("a", "'a'"), ("A-100", "'a-100':*"), ("9C4F", "('9c4f':* | '#9c4f')"),
    ("it's", "'it''s':*"), ("a & !b | c:*", "'a' & 'b' & 'c'"), ("100%_\\", "'100'"),
  ]) func queriesBecomeConditions(text: String, condition: String) throws {
    #expect(try #require(SearchQuery(text)).condition == condition)
  }

  @Test func namesAreSearchedByTheirMarks() throws {
    #expect(try #require(SearchQuery("li 李雷")).nameCondition == "'@li' & '@李雷'")
  }

  @Test(arguments: ["", " ", "…", "%%%", "'\\", "🙂🙂", "\u{200B}"])
  func signsAloneAreNothingToSearchFor(text: String) { #expect(SearchQuery(text) == nil) }

  @Test func longQueriesAreBounded() throws {
    let long = try #require(SearchQuery(String(repeating: "退款到账", count: 25)))
    #expect(long.condition.split(separator: "&").count == SearchLimits.termsPerQuery)
  }

  @Test func identifiersNameTickets() throws {
    let id = "0190c4f2-8a31-7000-8000-00000000abcd"
    for text in [id, id.uppercased(), id.replacing("-", with: ""), "#\(id) "] {
      #expect(try #require(SearchQuery(text)).ticket?.description == id, "\(text)")
    }
    #expect(SearchQuery("0190c4f2")?.ticket == nil && SearchQuery(String(repeating: "g", count: 32))?.ticket == nil)
  }

  private func marked(_ text: String, _ query: String) throws -> String {
    let excerpt = SearchExcerpt(of: text, for: try #require(SearchQuery(query)))
    var marked = ""
    for (place, scalar) in excerpt.text.unicodeScalars.enumerated() {
      if excerpt.matches.contains(where: { $0.lowerBound == place }) { marked += "[" }
      marked.unicodeScalars.append(scalar)
      if excerpt.matches.contains(where: { $0.upperBound == place + 1 }) { marked += "]" }
    }
    return marked
  }

  @Test(arguments: [
    ("我的快递一周没动了", "快递", "我的[快递]一周没动了"), ("快遞到了", "快递", "[快遞]到了"),
    ("My Refunds, please", "refund", "My [Refund]s, please"),
    ("My refunds", "refund ", "My refunds"), ("🙂 order Ａ－１００２３ now", "a-10023", "🙂 order [Ａ－１００２３] now"),
    ("cafe\u{301} time", "café", "[cafe\u{301}] time"),
    ("款到了，退的", "退款到", "[款到]了，退的"),
    ("退款退款", "退款", "[退款][退款]"), ("nothing", "李雷", "nothing"), ("", "x1", ""),
  ]) func matchesAreMarkedInTheOriginal(text: String, query: String, expected: String) throws {
    #expect(try marked(text, query) == expected)
  }

  @Test func excerptsOfLongTextsAreAroundTheFirstMatch() throws {
    let text = String(repeating: "前", count: 500) + "退款" + String(repeating: "后", count: 500)
    let excerpt = SearchExcerpt(of: text, for: try #require(SearchQuery("退款")))
    #expect(excerpt.text.unicodeScalars.count == SearchLimits.excerptCharacters)
    #expect(excerpt.matches == [SearchLimits.charactersBeforeMatch..<SearchLimits.charactersBeforeMatch + 2])
    #expect(excerpt.isCutBefore && excerpt.isCutBehind)
    let end = SearchExcerpt(of: String(repeating: "x ", count: 200) + "last", for: try #require(SearchQuery("last")))
    #expect(end.isCutBefore && !end.isCutBehind && end.text.hasSuffix("last"))
  }
}
