import Testing

@testable import DeskCore

@Suite struct LabelGuessTests {
  @Test func sharesAreKeptToAThousandth() {
    #expect(LabelGuess("a", share: 0.123_456).share == 0.123)
    #expect(LabelGuess("a", share: 1.5).share == 1)
    #expect(LabelGuess("a", share: -1).share == 0)
    #expect(LabelGuess("a", share: .nan).share == 0)
  }

  @Test(arguments: [
    ("refund", "refund", "refund"), ("refund/double", "refund", "double"), ("a/b/c", "a", "b/c"), ("", "", ""),
  ])
  func aLabelHasACategoryAndAnIntent(label: String, category: String, intent: String) {
    let guess = LabelGuess(label, share: 0.5)
    #expect(guess.category == category && guess.intent == intent)
  }

  @Test(arguments: ["refund:0.482", "order status/late:0.0", "a:b:1.0", "退款:0.31", "e\u{301}:0.5"])
  func textRoundTrips(text: String) throws {
    let guess = try #require(LabelGuess(text))
    #expect(guess.description.utf8.elementsEqual(text.utf8))
    #expect(LabelGuess(timelineValue: guess.timelineValue) == guess)
  }

  @Test(arguments: ["", "refund", "refund:", "refund:x", "0.5"])
  func otherTextIsRefused(text: String) {
    #expect(LabelGuess(text) == nil)
  }
}
