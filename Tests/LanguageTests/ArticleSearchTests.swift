import DeskCore
import Foundation
import Testing

@testable import Language

/// The search works on folded scalars with reused memory; its results are those of its definition.
@Suite struct ArticleSearchTests {
  private static let articles: [ArticleIndex.Article] = [
    .init(
      identifier: "refund", passages: ["How long does a refund take?", "退款多久到账", "A refund takes five days."],
      questions: ["How long does a refund take?", "退款多久到账", "When do I get my money back, please?"]),
    .init(
      identifier: "parcel", passages: ["Where is my parcel?", "我的包裹在哪里", "快递到哪了"],
      questions: ["Where is my parcel?", "我的包裹在哪里", "快递到哪了", "My parcel is late. When does it arrive?"]),
    .init(identifier: "password", passages: ["I forgot my password", "忘记密码怎么办"]),
    .init(identifier: "invoice", passages: ["How do I get an invoice?", "怎么开发票", "发票抬头怎么改"]),
    .init(identifier: "refund-invoice", passages: ["Do I need the invoice for a refund?", "退款需要发票吗"]),
    .init(identifier: "empty", passages: [], questions: ["the of", "!"]),
  ]

  private static let written = [
    "", " ", "!?。", "hello", "Hi, good morning.\nWhere is my parcel?\r\n\r\nKind regards\nJane", "退款多久到账？谢谢",
    "亲，请问一下我的快递到哪了？麻烦帮我查一下", "Where\u{2028}is\u{85}my\u{0B}parcel", "parcel parcel parcel refund refund password",
    "one. two. three. four. five. six. seven parcel", "1. refund; 2. invoice; 3. password", "ＲＥＦＵＮＤ　Ｔｉｍｅ？",
    "退款 invoice 發票 refund 需要嗎", "Version 1.5.2, costs 3,50: where is it", "a…b…c…d…e…f", "the of and", "👍 parcel 👍",
    "refund\n", "\nrefund", "Dear team, my pa\u{301}rcel: nowhere? best regards refund invoice",
    String(repeating: "refund of my parcel ", count: 300),
  ]

  private static func texts() throws -> [String] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let samples = try LabelledCSV.read(
      path: root.appending(path: "Services/Classifier/Samples/concerns.csv").path)
    return written + stride(from: 0, to: samples.count, by: 9).map { samples[$0].text }
  }

  @Test func resultsAreThoseOfTheDefinition() throws {
    let index = ArticleIndex(Self.articles)
    let reference = ArticleReference(Self.articles)
    var scratch = ArticleScratch()
    var answered = 0
    for text in try Self.texts() {
      let expected = reference.search(text)
      #expect(index.search(text) == expected, "\(text)")
      // The same memory serves all messages.
      #expect(index.search(text, Normaliser().normalise(text), using: &scratch) == expected, "\(text)")
      if expected.contains(where: { $0.coverage > 0 }) { answered += 1 }
    }
    #expect(answered > 20, "\(answered)")
  }

  @Test func clausesAreThoseOfTheDefinition() throws {
    for text in try Self.texts() {
      let clauses = MessageClauses(of: text)
      let expected = ArticleReference.clauses(of: text)
      #expect(clauses.clauses == expected.clauses && clauses.isCut == expected.isCut, "\(text)")
    }
  }

  /// Clauses are not folded again, so folding must not change what it produced.
  @Test func foldedScalarsKeepTheirKinds() {
    let all = (0...0x2FFFF).compactMap { Unicode.Scalar($0) }
    let normaliser = Normaliser()
    for start in stride(from: 0, to: all.count, by: 500) {
      var text = String.UnicodeScalarView()
      for scalar in all[start..<min(start + 500, all.count)] { text.append(contentsOf: [scalar, " "]) }
      let once = normaliser.normalise(String(text))
      let twice = normaliser.normalise(once.string)
      #expect(once.scalars == twice.scalars && once.kinds == twice.kinds, "\(start)")
    }
  }

  @Test func aMessageIsLabelledAndSearchedTogetherAsApart() throws {
    let classifier = MessageClassifier(model: try ToyExamples.model())
    let index = ArticleIndex(Self.articles)
    let messages = try Self.texts().enumerated().map { number, text in
      MessageText(subject: ["refund", " ", "\u{200B}", "发票", "a  b "][safely: number % 8], text: text)
    }
    let long = String(repeating: "\u{200B}", count: LanguageLimits.inputBytes / 3 - 2)
    let all = messages + [MessageText(subject: "parcel", text: long + "refund"), MessageText(text: long + "refund")]
    let (labels, articles) = classifier.labels(for: all, articles: index, for: { $0 % 5 != 4 }) { true }
    #expect(labels == classifier.labels(for: all))
    for (place, message) in all.enumerated() {
      #expect(articles[place] == (place % 5 == 4 ? [] : index.search(message.whole)), "\(place)")
    }
    let none = classifier.labels(for: all, articles: nil, for: { _ in true }) { true }
    #expect(none.labels == labels && none.articles.allSatisfy(\.isEmpty))
  }

  @Test func termsAreNumbered() {
    var random = SeededGenerator(seed: 5)
    let terms = (0..<1000).map { _ in UInt64.random(in: 0...UInt64.max, using: &random) } + [0]
    let table = TermTable(terms)
    for (number, term) in terms.enumerated() { #expect(table.number(of: term) == number) }
    for _ in 0..<1000 { #expect(table.number(of: .random(in: 1...UInt64.max, using: &random)) == nil) }
    #expect(TermTable([]).number(of: 0) == nil)
  }
}

extension Array {
  fileprivate subscript(safely place: Int) -> Element? { indices.contains(place) ? self[place] : nil }
}
