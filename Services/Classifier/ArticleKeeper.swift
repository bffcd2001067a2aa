import DeskCore
import Logging
import ServiceLifecycle
import ServiceProcess

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
