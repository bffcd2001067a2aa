import Testing

@testable import Language

@Suite struct ArticleIndexTests {
  private let index = ArticleIndex([
    ArticleIndex.Article(identifier: "refund", passages: ["How long does a refund take?", "退款多久到账"]),
    ArticleIndex.Article(identifier: "password", passages: ["I forgot my password", "忘记密码怎么办"]),
    ArticleIndex.Article(identifier: "invoice", passages: ["How do I get an invoice?", "怎么开发票"]),
  ])

  @Test(
    "finds the article in either language",
    arguments: [
      ("when will I be REFUNDED", "refund"), ("我的退款什么时候到账", "refund"), ("密碼忘記了", "password"),
      ("lost my password", "password"), ("請開發票", "invoice"), ("invoices please", "invoice"),
    ])
  func findsTheMatchingArticle(text: String, identifier: String) {
    #expect(index.search(text).first?.identifier == identifier)
  }

  @Test func findsNothingWithoutSharedTerms() {
    #expect(index.search("").isEmpty)
    #expect(index.search("天气").isEmpty)
    #expect(ArticleIndex([]).search("refund").isEmpty)
    #expect(ArticleIndex([ArticleIndex.Article(identifier: "empty", passages: [])]).search("refund").isEmpty)
  }

  @Test func ordersAndLimits() {
    let matches = index.search("how do I get a refund invoice", limit: 2)
    #expect(matches.count == 2)
    #expect(matches[0].score >= matches[1].score)
    #expect(matches.allSatisfy { $0.score > 0 && $0.coverage >= 0 && $0.coverage <= 1 })
    #expect(index.search("refund", limit: 0).count == 1)
  }

  @Test func coverageMeasuresTheKnownPart() throws {
    let whole = try #require(index.search("I forgot my password").first)
    let part = try #require(index.search("password xylophone zeppelin quagmire").first)
    #expect(whole.coverage > 0.99)
    #expect(part.coverage < 0.5)
  }

  /// The formula implemented over strings, for English without long words.
  @Test func scoresFollowTheFormula() throws {
    let passages = ["red cat", "red red dog", "blue bird and cat"]
    let index = ArticleIndex(
      passages.enumerated().map { ArticleIndex.Article(identifier: "\($0.offset)", passages: [$0.element]) })
    let bags = passages.map { $0.split(separator: " ") }
    let mean = Float(bags.reduce(0) { $0 + $1.count }) / 3
    for (number, bag) in bags.enumerated() {
      var expected: Float = 0
      for word in ["red", "cat"] {
        let count = Float(bag.count { $0 == word })
        let holding = Float(bags.count { $0.contains { $0 == word } })
        let weight = ((3 - holding + 0.5) / (holding + 0.5) + 1).logarithm
        let length = 1 - ArticleIndex.lengthPenalty + ArticleIndex.lengthPenalty * Float(bag.count) / mean
        expected += weight * count * (ArticleIndex.saturation + 1) / (count + ArticleIndex.saturation * length)
      }
      let found = try #require(index.search("cat red").first { $0.identifier == "\(number)" })
      #expect(abs(found.score - expected) < 1e-4)
    }
  }
}

extension Float {
  /// The natural logarithm by its series in (x - 1) / (x + 1), so that the reference shares no code with the tested code.
  fileprivate var logarithm: Float {
    let base = (Double(self) - 1) / (Double(self) + 1)
    return Float((0..<60).reduce(0.0) { sum, term in sum + 2 * base.power(2 * term + 1) / Double(2 * term + 1) })
  }
}

extension Double {
  fileprivate func power(_ exponent: Int) -> Double { (0..<exponent).reduce(1.0) { product, _ in product * self } }
}

@Suite struct BlendedArticleIndexTests {
  private let articles = [
    ArticleIndex.Article(identifier: "refund", passages: ["refund", "refunds"]),
    ArticleIndex.Article(identifier: "parcel", passages: ["parcel"]),
    ArticleIndex.Article(identifier: "password", passages: ["password", "退款"]),
    ArticleIndex.Article(identifier: "empty", passages: []),
  ]

  /// Every article's blended score, computed one number at a time.
  private func blends(_ text: String, _ encoder: SentenceEncoder, weight: Float) -> [String: Float] {
    let workspace = EncoderWorkspace(encoder)
    func row(_ text: String) -> [Float] {
      encoder.encode([text], in: workspace).flatMap { block in (0..<8).map { block[$0] } }
    }
    let scores = ArticleIndex(articles).scores(of: text)
    let highest = scores.max() ?? 0
    let asked = row(text)
    return Dictionary(
      uniqueKeysWithValues: zip(articles, scores).map { article, score in
        var sum = [Float](repeating: 0, count: asked.count)
        for passage in article.passages { sum = zip(sum, row(passage)).map(+) }
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let nearness = length > 0 ? zip(sum, asked).reduce(0) { $0 + $1.0 * $1.1 } / length : 0
        return (article.identifier, (highest > 0 ? score / highest : 0) + weight * max(0, nearness))
      })
  }

  @Test("adds the word score and the similarity as defined", arguments: ["refund", "parcels", "退款 s", "☃", ""])
  func blends(text: String) throws {
    let encoder = try ToyEncoder.pack().encoder
    let expected = blends(text, encoder, weight: 1.5)
    let matches = BlendedArticleIndex(articles, encoder: encoder, weight: 1.5).search(text, limit: 10)
    #expect(Set(matches.map(\.identifier)) == Set(expected.filter { $0.value > 1e-6 }.keys))
    // Rows of unit length are rounded to steps of at most 1/127, so a product changes by at most half a step per number.
    let asked = encoder.encode([text], in: EncoderWorkspace(encoder))
    let rounding = 1.5 / 254 * asked.reduce(0) { sum, block in sum + block.indices.reduce(0) { $0 + abs(block[$1]) } }
    for match in matches { #expect(abs(match.score - (expected[match.identifier] ?? 0)) < rounding + 1e-4) }
    #expect(matches.map(\.score) == matches.map(\.score).sorted(by: >))
  }

  @Test func zeroWeightEqualsTheLexicalIndex() throws {
    let encoder = try ToyEncoder.pack().encoder
    let blended = BlendedArticleIndex(articles, encoder: encoder, weight: 0)
    for text in ["refund", "password 退款", "☃"] {
      #expect(blended.search(text).map(\.identifier) == ArticleIndex(articles).search(text).map(\.identifier))
    }
    #expect(BlendedArticleIndex([], encoder: encoder).search("refund").isEmpty)
  }
}
