import DeskCore

/// Articles that may fit a message, as the inbox keeps them: `track-a-parcel=0.8125 return-an-item=0.25`, best first.
enum SuggestionCodec {
  static func text(_ suggestions: [ArticleSuggestion]) -> String {
    suggestions.map { "\($0.article.rawValue)=\($0.coverage)" }.joined(separator: " ")
  }

  /// What the text says; an entry that is none is left out, for a suggestion is never worth a message.
  static func suggestions(from text: String) -> [ArticleSuggestion] {
    text.split(separator: " ").compactMap { entry in
      guard let sign = entry.lastIndex(of: "="), let coverage = Double(entry[entry.index(after: sign)...]) else {
        return nil
      }
      return ArticleSuggestion(ArticleID(String(entry[..<sign])), coverage: coverage)
    }
  }
}
