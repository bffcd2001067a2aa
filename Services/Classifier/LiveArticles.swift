import DeskCore
import EventThread
import Language
import Logging
import ServiceKit
import ServiceLifecycle

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
          passages: versions.flatMap { [$0.title, $0.answer] + $0.questions })
      }
    let blended = encoder.map { BlendedArticleIndex(named, encoder: $0) }
    let index = ArticleSearch(words: blended?.words ?? ArticleIndex(named), blended: blended)
    held.withLock { $0 = index }
  }
}

/// Rebuilds the index whenever a policy with different articles is adopted.
struct ArticleKeeper: Service {
  let articles: LiveArticles
  let policy: PolicyFollower
  let logger: Logger

  func run() async throws {
    var known: [ArticleID: Article] = [:]
    for await newest in await policy.changes().cancelOnGracefulShutdown() where newest.life.answers.articles != known {
      known = newest.life.answers.articles
      articles.adopt(known.values)
      logger.info("articles indexed", metadata: ["count": "\(known.count)"])
    }
  }
}
