import DeskCore
import Testing

@testable import Language

@Suite struct FeatureExtractorTests {
  @Test(
    "counts the same n-grams as a naive implementation over strings",
    arguments: HanGrams.allCases,
    [
      "我的退款", "where is my card", "can't log in", "App闪退了，help!", "a", "单", "x1 y2 中文 z3", "!!! ???", "🙂 ok 🙂",
      "pay-pal e.g. 100%", "", "the the the the", "ab'", "退款refund退款", "不好吃，没有送到", "不",
      "并不是不满意只是没有什么特别好吃的东西",
    ])
  func agreesWithNaiveReference(hanGrams: HanGrams, text: String) {
    let normalised = Normaliser().normalise(text)
    var counter = GramCounter()
    FeatureExtractor(hanGrams: hanGrams).count(normalised, into: &counter)
    var counted: [Int: Int] = [:]
    counter.forEach { counted[$0] = $1 }
    var expected: [Int: Int] = [:]
    for gram in NaiveGrams.all(of: normalised.string, hanGrams) {
      expected[Int(gram.bucket), default: 0] += 1
    }
    #expect(counted == expected)
    #expect(counter.distinct == expected.count)
  }

  @Test func listsTheGramsOfAWord() {
    let words = NaiveGrams.names(of: "ab")
    #expect(words.sorted() == ["c:_a", "c:_ab", "c:_ab_", "c:a", "c:ab", "c:ab_", "c:b", "c:b_", "w:ab"].sorted())
    #expect(NaiveGrams.names(of: "退款").sorted() == ["h:退", "h:款", "h:退款"].sorted())
    #expect(
      NaiveGrams.names(of: "退款", .markedPairs).sorted()
        == ["h:退", "h:款", "h:退款", "h:_退", "h:_退款", "h:款_", "h:退款_"].sorted())
    #expect(NaiveGrams.names(of: "退款了", .markedThrees).contains("h:退款了"))
    #expect(NaiveGrams.names(of: "a b").filter { $0.hasPrefix("p:") } == ["p:a b"])
  }

  @Test func keepsNothingFromThePreviousText() {
    var counter = GramCounter()
    FeatureExtractor().count(Normaliser().normalise(String(repeating: "long text ", count: 300)), into: &counter)
    FeatureExtractor().count(Normaliser().normalise("退款"), into: &counter)
    #expect(counter.distinct == 3)
  }

  @Test(arguments: [
    ("好不好", ["n:好"]), ("不，好", []), ("特别好", ["n:好"]),
    ("不甲乙丙丁戊己", ["n:甲", "n:甲乙", "n:乙", "n:乙丙", "n:丙", "n:丙丁", "n:丁", "n:丁戊", "n:戊", "n:戊己"]),
  ])
  func negatesCloseFollowersWithinTheRun(text: String, negated: [String]) {
    #expect(NaiveGrams.names(of: text, .markedPairs).filter { $0.hasPrefix("n:") } == negated)
    #expect(NaiveGrams.names(of: text, .pairs).allSatisfy { !$0.hasPrefix("n:") })
  }

  @Test func handlesTheLongestText() {
    var generator = SeededGenerator(seed: 7)
    var text = ""
    for _ in 0..<LanguageLimits.normalisedScalars {
      text.unicodeScalars.append(Unicode.Scalar(UInt8.random(in: 0x61...0x7A, using: &generator)))
      text += Bool.random(using: &generator) ? " " : ""
    }
    var counter = GramCounter()
    FeatureExtractor().count(Normaliser().normalise(text), into: &counter)
    #expect(counter.distinct > 5_000)
  }
}

/// The n-grams as strings, built in the slow and obvious way.
enum NaiveGrams {
  private struct Gram {
    let family: GramHash.Family
    let characters: [UInt32]
    let pair: [[UInt32]]
    let name: String
  }

  static func names(of text: String, _ hanGrams: HanGrams = .pairs) -> [String] {
    grams(of: text, hanGrams).map(\.name)
  }

  static func all(of text: String, _ hanGrams: HanGrams) -> [GramHash] {
    grams(of: text, hanGrams).map { gram in
      if gram.family == .wordPair {
        let words = gram.pair.map { $0.reduce(GramHash.start(.word)) { $0.adding($1) }.state }
        return GramHash.start(.wordPair).adding(words[0] | 1).adding(words[1])
      }
      return gram.characters.reduce(GramHash.start(gram.family)) { $0.adding($1) }
    }
  }

  private static func grams(of text: String, _ hanGrams: HanGrams) -> [Gram] {
    var grams: [Gram] = []
    var previous: [UInt32]?
    for token in tokens(text) {
      let values = token.text.unicodeScalars.map(\.value)
      switch token.kind {
      case .han:
        grams += run(values, hanGrams)
        previous = nil
      case .symbol:
        grams.append(Gram(family: .symbol, characters: values, pair: [], name: "s:\(spell(values))"))
      default:
        grams.append(Gram(family: .word, characters: values, pair: [], name: "w:\(spell(values))"))
        if let previous {
          let name = "p:\(spell(previous)) \(spell(values))"
          grams.append(Gram(family: .wordPair, characters: [], pair: [previous, values], name: name))
        }
        previous = values
        grams += values.map { Gram(family: .characters, characters: [$0], pair: [], name: "c:\(spell([$0]))") }
        let bordered = [GramHash.border] + values + [GramHash.border]
        for length in 2...FeatureExtractor.longestWordGram where length <= bordered.count {
          for start in 0...(bordered.count - length) {
            let part = Array(bordered[start..<start + length])
            grams.append(Gram(family: .characters, characters: part, pair: [], name: "c:\(spell(part))"))
          }
        }
      }
    }
    return grams
  }

  private static func run(_ values: [UInt32], _ hanGrams: HanGrams) -> [Gram] {
    let border = [GramHash.border]
    var parts: [[UInt32]] = []
    for length in 1...(hanGrams == .markedThrees ? 3 : 2) where length <= values.count {
      parts += (0...values.count - length).map { Array(values[$0..<$0 + length]) }
    }
    var negated: [Gram] = []
    if hanGrams != .pairs {
      for length in 1...2 where length <= values.count {
        parts += [border + Array(values[..<length]), Array(values.suffix(length)) + border]
      }
      negated = values.indices.flatMap { self.negated(values, at: $0) }
    }
    return parts.map { Gram(family: .han, characters: $0, pair: [], name: "h:\(spell($0))") } + negated
  }

  /// The character and the bigram at a position, if one of the five characters before it is a negation and it is not one itself.
  private static func negated(_ values: [UInt32], at index: Int) -> [Gram] {
    let negations = Set("不没无未别莫非".unicodeScalars.map(\.value))
    guard !negations.contains(values[index]), values[..<index].suffix(5).contains(where: negations.contains) else {
      return []
    }
    return (1...2).filter { index + $0 <= values.count }.map { length in
      let part = Array(values[index..<index + length])
      return Gram(family: .negated, characters: part, pair: [], name: "n:\(spell(part))")
    }
  }

  private static func spell(_ values: [UInt32]) -> String {
    values.map { $0 == GramHash.border ? "_" : Unicode.Scalar($0).map(String.init) ?? "?" }.joined()
  }

  private static func tokens(_ text: String) -> [(kind: ScalarKind, text: String)] {
    var tokens: [(kind: ScalarKind, text: String)] = []
    var joins = false
    let scalars = Array(text.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      let kind = kind(of: scalar)
      if kind == .space {
        joins = false
        continue
      }
      let next = index + 1 < scalars.count ? self.kind(of: scalars[index + 1]) : .space
      let isApostrophe = scalar == "'" && joins && tokens.last?.kind == .word && next == .word
      if joins, let last = tokens.last, kind != .symbol, last.kind == kind || isApostrophe {
        tokens[tokens.count - 1].text.unicodeScalars.append(scalar)
      } else if isApostrophe {
        tokens[tokens.count - 1].text.unicodeScalars.append(scalar)
      } else {
        tokens.append((kind, String(scalar)))
      }
      joins = true
    }
    return tokens
  }

  private static func kind(of scalar: Unicode.Scalar) -> ScalarKind {
    if scalar.properties.isWhitespace { return .space }
    if scalar.properties.isIdeographic { return .han }
    return scalar.properties.isAlphabetic || scalar.properties.numericType != nil ? .word : .symbol
  }
}
