/// A classifier's result for a message: its labels, the articles that may fit, and the labels that it considered.
package struct LabelledMessage: Sendable, Hashable {
  package let message: MessageID
  package let labels: Labels
  package let suggestions: [ArticleSuggestion]
  package let guesses: [LabelGuess]

  package init(
    message: MessageID, labels: Labels, suggestions: [ArticleSuggestion] = [], guesses: [LabelGuess] = []
  ) {
    self.message = message
    self.labels = labels
    self.suggestions = suggestions
    self.guesses = guesses
  }
}
