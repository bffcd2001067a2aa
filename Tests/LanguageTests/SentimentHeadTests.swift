import DeskCore
import Testing

@testable import Language

@Suite struct SentimentHeadTests {
  @Test(
    "distinguishes positive from negative messages",
    arguments: [
      ("非常满意，下次还来", 1), ("服務很棒", 1), ("质量不错", 1), ("没有问题，谢谢你们", 1), ("味道不差", 1),
      ("不满意", -1), ("太差了", -1), ("态度恶劣", -1), ("不是很满意", -1), ("一点都不好用", -1), ("垃圾", -1), ("收到就坏了", -1),
      ("😡😡😡 退款一直不到账！！！", -1), ("where is my parcel 😡", -1), ("收到了👍", 1), ("got it ❤️", 1), ("好的😭", -1),
      ("请问什么时候发货", 0), ("不好意思，问一下地址", 0), ("你好", 0), ("帮我改一下地址", 0), ("", 0), ("123", 0),
      ("I love it", 1), ("Great service, thank you so much", 1), ("not bad at all", 1), ("No complaints", 1),
      ("I am not happy", -1), ("This is terrible", -1), ("it isn't very good", -1), ("never buying again, awful", -1),
      ("The screen is cracked", -1), ("Where is my order", 0), ("I would like to change my address", 0),
      ("Good morning, can you change my address", 0), ("no problem", 0),
    ])
  func detectsThePolarity(text: String, polarity: Int) {
    #expect(SentimentHead().assess(text).polarity == polarity, "\(SentimentHead().assess(text))")
  }

  @Test func explainsNegation() {
    let assessment = SentimentHead().assess("The food was not good. Lovely staff")
    #expect(assessment.reasons.contains(SentimentReason(words: "lovely", weight: 2, isNegated: false)))
    #expect(SentimentHead().assess("the colour is not beautiful").reasons.first?.isNegated == true)
  }

  @Test func negationEndsAtPunctuation() {
    #expect(SentimentHead().assess("No. Great!").polarity == 1)
    #expect(SentimentHead().assess("不，很好").polarity == 1)
  }

  @Test func phrasesAreUnique() {
    let phrases = SentimentLexicon.entries.map { Normaliser().normalise($0.phrase).string }
    #expect(Set(phrases).count == phrases.count)
  }
}
