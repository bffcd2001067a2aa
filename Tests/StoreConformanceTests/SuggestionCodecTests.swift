import DeskCore
import Testing

@testable import Store

@Suite struct SuggestionCodecTests {
  private let articles = [ArticleSuggestion("parcel", coverage: 0.8125), ArticleSuggestion("a.b_c-1", coverage: 0.25)]
  private let guesses = [
    LabelGuess("delivery/late", share: 0.482), LabelGuess("order status", share: 0.31), LabelGuess("a=b", share: 0.1),
  ]

  @Test func articlesAndGuessesAreReadSeparately() {
    for (articles, guesses) in [(articles, guesses), (articles, []), ([], guesses), ([], [])] {
      let text = SuggestionCodec.text(articles, guesses)
      #expect(SuggestionCodec.suggestions(from: text) == articles)
      #expect(SuggestionCodec.guesses(from: text) == guesses)
      #expect(text.isEmpty == (articles.isEmpty && guesses.isEmpty))
    }
  }

  @Test func labelsWithALineBreakAreLeftOut() {
    let text = SuggestionCodec.text(articles, [LabelGuess("a\nb", share: 0.5), guesses[1]])
    #expect(SuggestionCodec.guesses(from: text) == [guesses[1]])
    #expect(SuggestionCodec.suggestions(from: text) == articles)
  }

  @Test func invalidEntriesAreSkipped() {
    #expect(SuggestionCodec.suggestions(from: "parcel=0.8125 x y=z \nd:0.5") == [articles[0]])
    #expect(SuggestionCodec.guesses(from: "parcel=0.8125 \nd\nrefund:0.5") == [LabelGuess("refund", share: 0.5)])
  }
}
