import DeskCore
import Testing

@testable import Language

@Suite struct UrgencyHeadTests {
  @Test(
    "rates urgent messages as high",
    arguments: [
      "充电宝充电的时候冒烟了", "再不处理我就打12315投诉", "我的卡被盗刷了", "今晚之前必须解决", "来不及了",
      "退款还没到，已经第三次联系你们了", "行動電源著火了", "The charger caught fire", "I will sue you",
      "I need it by tomorrow", "someone used my card, this is fraud", "Locked out for weeks, still waiting",
      "I was charged twice and nobody answers", "This is URGENT",
    ])
  func detectsHighUrgency(text: String) {
    #expect(UrgencyHead().assess(text).level == 2, "\(UrgencyHead().assess(text))")
  }

  @Test(
    "rates all other messages as normal",
    arguments: [
      "我要退货", "快递到哪了", "Where is my order", "My remote is broken", "THE REMOTE CONTROL IS BROKEN!!!",
      "为什么不行！！！！", "", "12345", "please cancel my order",
    ])
  func detectsNormalUrgency(text: String) {
    #expect(UrgencyHead().assess(text).level == 1, "\(UrgencyHead().assess(text))")
  }

  @Test(
    "rates messages that can wait as low",
    arguments: [
      "不急，有空的时候回复就行", "建议增加深色模式", "请问有没有红色的", "No rush, whenever you have time",
      "Just wondering what your opening hours are", "Suggestion: add a dark mode", "Do you ship to Norway?",
    ])
  func detectsLowUrgency(text: String) {
    #expect(UrgencyHead().assess(text).level == 0, "\(UrgencyHead().assess(text))")
  }

  @Test func listsItsReasons() {
    let assessment = UrgencyHead().assess("It smells like burning and I was CHARGED TWICE!!!")
    #expect(assessment.reasons.map(\.words).contains("smells like burning"))
    #expect(assessment.reasons.first?.kind == .safety)
    #expect(assessment.reasons.contains { $0.kind == .emphasis && $0.words == "!" && $0.points == 1 })
    #expect(assessment.score == 10)
  }

  @Test func countsEachKindOnce() {
    let once = UrgencyHead().assess("urgent")
    let often = UrgencyHead().assess("urgent urgent asap immediately right now")
    #expect(once.score == often.score)
    #expect(often.reasons.count == 4)
  }

  @Test func phrasesAreUnique() {
    let phrases = UrgencySigns.entries.map { Normaliser().normalise($0.phrase).string }
    #expect(Set(phrases).count == phrases.count)
  }
}
