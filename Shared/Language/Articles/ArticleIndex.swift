internal import DeskCore

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Finds the articles that a message is about: BM25 (Robertson and others, 1994) over words and, in Chinese, over pairs of
/// neighbouring characters, which need no segmentation.
///
/// An article is a few passages, such as its title, its text and questions that it answers, and is ranked by all of them
/// together: measured, that finds more than its best passage alone. The index is immutable and may be shared by any number of
/// tasks; a change of articles makes a new one.
public struct ArticleIndex: Sendable {
  public struct Article: Sendable, Equatable {
    /// The caller's own name for it.
    public var identifier: String
    public var passages: [String]

    public init(identifier: String, passages: [String]) {
      self.identifier = identifier
      self.passages = passages
    }
  }

  public struct Match: Sendable, Equatable {
    public let identifier: String
    /// Comparable within one search only. Above 0.
    public let score: Float
    /// The share of the message's weight that the article covers, between 0 and 1: how far a match may be believed.
    public let coverage: Float
  }

  /// How fast repeating a term stops to count.
  static let saturation: Float = 1.2
  /// How much long articles are held back: 0 not at all, 1 in proportion.
  static let lengthPenalty: Float = 0.6

  private struct Posting: Sendable {
    let article: Int32
    /// The term's share of the article's score, its inverse document frequency included.
    let score: Float
  }

  /// The number of articles.
  public var count: Int { identifiers.count }

  let identifiers: [String]
  private let terms: [UInt64: Range<Int>]
  private let postings: [Posting]
  /// The inverse document frequency of a term that no article holds.
  private let unknownWeight: Float

  public init(_ articles: [Article]) {
    identifiers = articles.map(\.identifier)
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
    var terms: [UInt64: Range<Int>] = [:]
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
      terms[entries[start].term] = start..<end
      start = end
    }
    self.terms = terms
    self.postings = postings
    unknownWeight = Self.weight(holding: 0, of: total)
  }

  private static func weight(holding: Float, of total: Float) -> Float {
    logf(1 + (total - holding + 0.5) / (holding + 0.5))
  }

  /// The best articles, best first; of equals the earlier one. Costs time in proportion to the articles that share a term
  /// with the text, and a text is read up to `LanguageLimits.normalisedScalars`.
  public func search(_ text: String, limit: Int = LanguageLimits.articles) -> [Match] {
    let found = weigh(text)
    return MessageClassifier.best(found.scores, count: max(1, limit)).filter { found.scores[$0] > 0 }.map { article in
      Match(identifier: identifiers[article], score: found.scores[article], coverage: found.coverages[article])
    }
  }

  /// The score and the coverage of every article.
  func weigh(_ text: String) -> (scores: [Float], coverages: [Float]) {
    var extractor = TermExtractor()
    var scores = [Float](repeating: 0, count: identifiers.count)
    var covered = scores
    var asked: Float = 0
    for (term, _) in extractor.terms(of: text) {
      guard let range = terms[term] else {
        asked += unknownWeight
        continue
      }
      let weight = Self.weight(holding: Float(range.count), of: Float(identifiers.count))
      asked += weight
      for posting in postings[range] {
        scores[Int(posting.article)] += posting.score
        covered[Int(posting.article)] += weight
      }
    }
    return (scores, covered.map { asked > 0 ? min(1, $0 / asked) : 0 })
  }
}

/// Counts the terms that retrieval compares: words, the beginnings of long words, and pairs of Chinese characters.
struct TermExtractor {
  private let normaliser = Normaliser()
  private var text = NormalisedText()

  /// A word longer than this also counts by its beginning, so that endings do not part "transfer" from "transferred".
  static let stemLength = 5

  init() {}

  /// Terms with their counts, in an order of their own.
  mutating func terms(of passage: String) -> [(UInt64, Float)] {
    text.removeAll()
    normaliser.append(passage, to: &text)
    var counts: [UInt64: Float] = [:]
    let (scalars, kinds) = (text.scalars, text.kinds)
    var index = 0
    while index < scalars.count {
      switch kinds[index] {
      case ScalarKind.han.rawValue:
        let isPair = index + 1 < scalars.count && kinds[index + 1] == ScalarKind.han.rawValue
        let follows = index > 0 && kinds[index - 1] == ScalarKind.han.rawValue
        let hash = GramHash.start(.han).adding(scalars[index])
        if isPair {
          counts[hash.adding(scalars[index + 1]).state, default: 0] += 1
        } else if !follows {
          counts[hash.state, default: 0] += 1
        }
        index += 1
      case ScalarKind.word.rawValue:
        var hash = GramHash.start(.word)
        var stem: GramHash?
        let start = index
        while index < scalars.count && kinds[index] == ScalarKind.word.rawValue {
          hash = hash.adding(scalars[index])
          index += 1
          if index - start == Self.stemLength { stem = hash }
        }
        counts[hash.state, default: 0] += 1
        if let stem { counts[stem.adding(GramHash.border).state, default: 0] += 1 }
      default:
        index += 1
      }
    }
    return counts.sorted { $0.key < $1.key }
  }
}
