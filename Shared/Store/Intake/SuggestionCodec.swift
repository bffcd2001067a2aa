import DeskCore

/// The encoding of a message's suggested articles and guesses in `inbox.articles`, which no statement reads in part: a line of articles,
/// `track-a-parcel=0.8125 return-an-item=0.25 `, then a line for each guess, `delivery/late:0.482`; best first.
///
/// An invalid entry is skipped when it is read, because a suggestion must never cost a message. So builds before the guesses read the
/// articles and skip the rest.
enum SuggestionCodec {
  static func text(_ suggestions: [ArticleSuggestion], _ guesses: [LabelGuess] = []) -> String {
    let articles = suggestions.map { "\($0.article.rawValue)=\($0.coverage)" }.joined(separator: " ")
    // A label with a line break would be read as two.
    let lines = guesses.map(\.description).filter { !$0.utf8.contains(UInt8(ascii: "\n")) }
    return lines.isEmpty ? articles : ([articles + " "] + lines).joined(separator: "\n")
  }

  static func suggestions(from text: String) -> [ArticleSuggestion] {
    let articles = text.utf8.prefix { $0 != UInt8(ascii: "\n") }
    return Substring(articles).split(separator: " ").compactMap { entry in
      guard let sign = entry.lastIndex(of: "="), let coverage = Double(entry[entry.index(after: sign)...]) else {
        return nil
      }
      return ArticleSuggestion(ArticleID(String(entry[..<sign])), coverage: coverage)
    }
  }

  static func guesses(from text: String) -> [LabelGuess] {
    text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropFirst()
      .compactMap { LabelGuess(String(Substring($0))) }
  }
}
