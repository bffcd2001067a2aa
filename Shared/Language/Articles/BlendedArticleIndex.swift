internal import DeskCore
internal import Synchronization

/// Finds articles by words and by meaning: an `ArticleIndex`'s score relative to the best article's, plus the encoder's similarity
/// of article and message. Words decide between articles that share them; meaning finds those that share none.
///
/// An article's direction is the mean of its passages. Like `ArticleIndex`, it is immutable and may be shared; the encoder's
/// workspace serves one search at a time.
public struct BlendedArticleIndex: Sendable {
  /// The weight of similarity relative to words (1): chosen on questions with known answers (see the README); values from 1 to 3
  /// hardly differ.
  public static let nearnessWeight: Float = 2

  /// The index by words alone, for searches without time for the encoder.
  public let words: ArticleIndex
  private let encoder: SentenceEncoder
  private let weight: Float
  /// One row of unit length per article; zeros for one without passages.
  private let rows: RoundedRows
  /// One row per question, in the order of `QuestionIndex.texts`.
  private let questionRows: RoundedRows
  private let workspace: SharedWorkspace

  private final class SharedWorkspace: Sendable {
    let value: Mutex<EncoderWorkspace>

    init(_ encoder: SentenceEncoder) { value = Mutex(EncoderWorkspace(encoder)) }
  }

  /// The number of articles.
  public var count: Int { words.count }

  /// - Parameter weight: the weight of similarity; not negative.
  public init(
    _ articles: [ArticleIndex.Article], encoder: SentenceEncoder, weight: Float = BlendedArticleIndex.nearnessWeight
  ) {
    words = ArticleIndex(articles)
    self.encoder = encoder
    self.weight = weight
    let workspace = SharedWorkspace(encoder)
    self.workspace = workspace
    let blocks = encoder.dimensions / 8
    rows = RoundedRows(
      articles.map { article in
        let passages = article.passages.filter { !$0.isEmpty }
        let encoded = workspace.value.withLock { encoder.encode(passages, in: $0) }
        var sum = [SIMD8<Float>](repeating: .zero, count: blocks)
        for (place, values) in encoded.enumerated() { sum[place % blocks] += values }
        let length = sum.reduce(0) { $0 + ($1 * $1).sum() }.squareRoot()
        return Self.numbers(length > 0 ? sum.map { $0 / length } : sum)
      })
    let questions = words.questions.texts
    let encoded = workspace.value.withLock { encoder.encode(questions, in: $0) }
    questionRows = RoundedRows(Self.rows(encoded, of: blocks))
  }

  private static func rows(_ encoded: [SIMD8<Float>], of blocks: Int) -> [[Float]] {
    stride(from: 0, to: encoded.count, by: blocks).map { numbers(Array(encoded[$0..<$0 + blocks])) }
  }

  private static func numbers(_ blocks: [SIMD8<Float>]) -> [Float] {
    blocks.flatMap { block in block.indices.map { block[$0] } }
  }

  /// Returns the best articles, best first; ties go to the earlier one, and the article that answers the message's question is always
  /// among them. A match's score is comparable within one search only.
  public func search(_ text: String, limit: Int = LanguageLimits.articles) -> [ArticleIndex.Match] {
    let scores = words.scores(of: text)
    let highest = max(scores.max() ?? 0, .leastNormalMagnitude)
    let message = workspace.value.withLock { encoder.encode([text], in: $0) }
    let nearness = rows.products(with: Self.numbers(message))
    let blended = zip(scores, nearness).map { score, nearness in score / highest + weight * max(0, nearness) }
    var scratch = ArticleScratch()
    words.questions.fit(text, Normaliser().normalise(text), using: &scratch) { runs in
      let encoded = workspace.value.withLock { encoder.encode(runs, in: $0) }
      return Self.rows(encoded, of: encoder.dimensions / 8).map { questionRows.products(with: $0) }
    }
    return words.matches(blended, fits: scratch.fits, limit: limit)
  }
}
