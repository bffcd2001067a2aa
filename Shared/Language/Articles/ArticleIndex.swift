internal import DeskCore

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Finds the articles that match a message: BM25 (Robertson et al., 1994) over words and, in Chinese, over character bigrams,
/// which need no segmentation.
///
/// An article consists of a few passages, such as its title, its text and questions that it answers, and is ranked by all of them
/// together, which measurably finds more than its best passage alone. The index is immutable and may be shared by any number of
/// tasks; a change of articles requires a new one.
public struct ArticleIndex: Sendable {
  public struct Article: Sendable, Equatable {
    /// The caller's identifier.
    public var identifier: String
    public var passages: [String]
    /// The questions that it answers, as customers phrase them; by default, its passages.
    public var questions: [String]

    public init(identifier: String, passages: [String], questions: [String]? = nil) {
      self.identifier = identifier
      self.passages = passages
      self.questions = questions ?? passages
    }
  }

  public struct Match: Sendable, Equatable {
    public let identifier: String
    /// Comparable within one search only. Above 0.
    public let score: Float
    /// How well the article answers the question in the message, between 0 and 1: the reliability of a match. Above 0 for one article at
    /// most; 0 when two answer it equally well.
    public let coverage: Float
  }

  /// How fast repetitions of a term saturate (BM25 k1).
  static let saturation: Float = 1.2
  /// Length normalisation: 0 none, 1 proportional (BM25 b).
  static let lengthPenalty: Float = 0.6

  private struct Posting: Sendable {
    let article: Int32
    /// The term's contribution to the article's score, including its inverse document frequency.
    let score: Float
  }

  /// The number of articles.
  public var count: Int { identifiers.count }

  let identifiers: [String]
  let questions: QuestionIndex
  private let terms: TermTable
  /// The postings of each term, in ascending order of the terms.
  private let places: [Range<Int>]
  private let postings: [Posting]

  public init(_ articles: [Article]) {
    identifiers = articles.map(\.identifier)
    questions = QuestionIndex(articles.map(\.questions))
    var lengths: [Float] = []
    var entries: [(term: UInt64, article: Int32, count: Float)] = []
    var extractor = TermExtractor()
    for (article, content) in articles.enumerated() {
      var counts: [UInt64: Float] = [:]
      for passage in content.passages {
        for (term, count) in extractor.terms(of: passage) {
          counts[term, default: 0] += count
        }
      }
      lengths.append(counts.values.reduce(0, +))
      entries += counts.map { ($0, Int32(article), $1) }
    }
    let total = Float(articles.count)
    let meanLength = max(1, lengths.reduce(0, +) / max(1, total))
    entries.sort { ($0.term, $0.article) < ($1.term, $1.article) }
    var terms: [UInt64] = []
    var places: [Range<Int>] = []
    var postings: [Posting] = []
    postings.reserveCapacity(entries.count)
    var start = 0
    while start < entries.count {
      var end = start
      while end < entries.count && entries[end].term == entries[start].term {
        end += 1
      }
      let weight = Self.weight(holding: Float(end - start), of: total)
      for entry in entries[start..<end] {
        let length = lengths[Int(entry.article)] / meanLength
        let damped = entry.count + Self.saturation * (1 - Self.lengthPenalty + Self.lengthPenalty * length)
        postings.append(
          Posting(article: entry.article, score: weight * entry.count * (Self.saturation + 1) / damped))
      }
      terms.append(entries[start].term)
      places.append(start..<end)
      start = end
    }
    self.terms = TermTable(terms)
    self.places = places
    self.postings = postings
  }

  private static func weight(holding: Float, of total: Float) -> Float {
    logf(1 + (total - holding + 0.5) / (holding + 0.5))
  }

  /// Returns the best articles, best first; ties go to the earlier one, and the article that answers the message's question is always
  /// among them. Takes time proportional to the articles that share a term with the text and to the number of their questions; a text is
  /// read up to `LanguageLimits.normalisedScalars`.
  public func search(_ text: String, limit: Int = LanguageLimits.articles) -> [Match] {
    var scratch = ArticleScratch()
    return search(text, Normaliser().normalise(text), using: &scratch, limit: limit)
  }

  /// The same for a text that is normalised already.
  func search(
    _ text: String, _ folded: NormalisedText, using scratch: inout ArticleScratch, limit: Int = LanguageLimits.articles
  ) -> [Match] {
    score(folded, into: &scratch)
    questions.fit(text, folded, using: &scratch)
    return matches(scratch.scores, fits: scratch.fits, limit: limit)
  }

  func matches(_ scores: [Float], fits: [Float], limit: Int) -> [Match] {
    var best = MessageClassifier.best(scores, count: max(1, limit)).filter { scores[$0] > 0 }
    if let answer = fits.indices.first(where: { fits[$0] > 0 && scores[$0] > 0 }), !best.contains(answer) {
      best[best.count - 1] = answer
    }
    return best.map { Match(identifier: identifiers[$0], score: scores[$0], coverage: fits[$0]) }
  }

  /// Returns the score of every article.
  func scores(of text: String) -> [Float] {
    var scratch = ArticleScratch()
    score(Normaliser().normalise(text), into: &scratch)
    return scratch.scores
  }

  private func score(_ text: NormalisedText, into scratch: inout ArticleScratch) {
    scratch.numbers.removeAll(keepingCapacity: true)
    TermExtractor.forEachTerm(of: text.scalars[...], kinds: text.kinds[...]) { term in
      if let number = terms.number(of: term) { scratch.numbers.append(number) }
    }
    // A sum of floating-point numbers depends on its order.
    scratch.numbers.sort()
    scratch.scores.clear(identifiers.count)
    var last = -1
    for number in scratch.numbers where number != last {
      last = number
      for posting in postings[places[number]] { scratch.scores[Int(posting.article)] += posting.score }
    }
  }
}
