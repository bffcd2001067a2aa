import Language

/// The articles in force: searched by words, and also by meaning if an encoder is used.
struct ArticleSearch: Sendable {
  let words: ArticleIndex
  let blended: BlendedArticleIndex?

  /// - Parameter mayBlend: called when the slower search is possible; returns whether there is time for it.
  func search(_ text: String, mayBlend: () -> Bool) -> [ArticleIndex.Match] {
    guard let blended, mayBlend() else { return words.search(text) }
    return blended.search(text)
  }
}
