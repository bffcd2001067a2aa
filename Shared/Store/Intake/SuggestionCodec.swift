import DeskCore

/// The encoding of a message's suggested articles in the inbox: `track-a-parcel=0.8125 return-an-item=0.25`, best first.
enum SuggestionCodec {
  static func text(_ suggestions: [ArticleSuggestion]) -> String {
    suggestions.map { "\($0.article.rawValue)=\($0.coverage)" }.joined(separator: " ")
  }

  /// Decodes the text; an invalid entry is skipped, because a suggestion must never cost a message.
  static func suggestions(from text: String) -> [ArticleSuggestion] {
    text.split(separator: " ").compactMap { entry in
      guard let sign = entry.lastIndex(of: "="), let coverage = Double(entry[entry.index(after: sign)...]) else {
        return nil
      }
      return ArticleSuggestion(ArticleID(String(entry[..<sign])), coverage: coverage)
    }
  }
}
