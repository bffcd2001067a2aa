import DeskCore
import Language
import SystemPrimitives

/// The index of the articles in force; nil if the policy has none.
final class LiveArticles: Sendable {
  private let held = PthreadMutex<ArticleSearch?>(nil)
  private let encoder: SentenceEncoder?

  /// - Parameter encoder: nil if articles are searched by words only.
  init(encoder: SentenceEncoder? = nil) { self.encoder = encoder }

  /// The index.
  var index: ArticleSearch? { held.withLock { $0 } }

  /// Indexes the articles of a policy.
  func adopt(_ articles: some Collection<Article>) {
    guard !articles.isEmpty else {
      held.withLock { $0 = nil }
      return
    }
    // Sorted by name, so that every classifier finds the same one among equal matches.
    let named =
      articles.sorted { $0.id < $1.id }.map { article in
        let versions = article.versions.sorted { $0.key < $1.key }.map(\.value)
        return ArticleIndex.Article(
          identifier: article.id.rawValue,
          passages: versions.flatMap { [$0.title, $0.answer] + $0.questions },
          questions: versions.flatMap { [$0.title] + $0.questions })
      }
    let blended = encoder.map { BlendedArticleIndex(named, encoder: $0) }
    let index = ArticleSearch(words: blended?.words ?? ArticleIndex(named), blended: blended)
    held.withLock { $0 = index }
  }
}
