import DeskCore
import Testing

@testable import Language

@Suite struct PhraseMatcherTests {
  private func found(_ phrases: [String], in text: String) -> [String] {
    var matches: [PhraseMatcher.Match] = []
    PhraseMatcher(phrases).find(in: Normaliser().normalise(text), into: &matches)
    return matches.map { phrases[$0.phrase] }
  }

  @Test func prefersTheLongest() {
    #expect(found(["bad", "not bad", "not"], in: "Not bad, not good, BAD") == ["not bad", "not", "bad"])
    #expect(found(["不好", "不好意思", "好"], in: "不好意思，不好") == ["不好意思", "不好"])
  }

  @Test func matchesWholeWordsOnly() {
    #expect(found(["sue", "late"], in: "issue pursue sued relate latest").isEmpty)
    #expect(found(["sue", "late"], in: "sue! (late)") == ["sue", "late"])
  }

  @Test func aStarMatchesLongerTerms() {
    #expect(found(["threat*"], in: "threatening threat a threats") == ["threat*", "threat*", "threat*"])
  }

  @Test func findsChineseAnywhereAndFoldsTheText() {
    #expect(found(["退款"], in: "我要退款！申請退 款，退款") == ["退款", "退款"])
    #expect(found(["订单"], in: "這個訂單") == ["订单"])
    #expect(found(["差"], in: "太差") == ["差"])
  }

  @Test func handlesEmptyTexts() {
    #expect(found(["a", "退"], in: "").isEmpty)
  }
}
