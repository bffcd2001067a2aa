import Testing

@testable import Language

@Suite struct FeatureExtractorTests {
  @Test(
    "counts the n-grams that a naive walk over strings counts",
    arguments: [
      "我的退款", "where is my card", "can't log in", "App闪退了，help!", "a", "单", "x1 y2 中文 z3", "!!! ???", "🙂 ok 🙂",
      "pay-pal e.g. 100%", "", "the the the the", "ab'", "退款refund退款",
    ])
  func agreesWithNaiveReference(text: String) {
    let normalised = Normaliser().normalise(text)
    var counter = GramCounter()
    FeatureExtractor().count(normalised, into: &counter)
    var counted: [Int: Int] = [:]
    counter.forEach { counted[$0] = $1 }
    var expected: [Int: Int] = [:]
    for gram in NaiveGrams.all(of: normalised.string) {
      expected[Int(gram.bucket), default: 0] += 1
    }
    #expect(counted == expected)
    #expect(counter.distinct == expected.count)
  }

  @Test func listsTheGramsOfAWord() {
    let words = NaiveGrams.names(of: "ab")
    #expect(words.sorted() == ["c:_a", "c:_ab", "c:_ab_", "c:a", "c:ab", "c:ab_", "c:b", "c:b_", "w:ab"].sorted())
    #expect(NaiveGrams.names(of: "退款").sorted() == ["h:退", "h:款", "h:退款"].sorted())
    #expect(NaiveGrams.names(of: "a b").filter { $0.hasPrefix("p:") } == ["p:a b"])
  }

  @Test func forgetsTheTextBefore() {
    var counter = GramCounter()
    FeatureExtractor().count(Normaliser().normalise(String(repeating: "long text ", count: 300)), into: &counter)
    FeatureExtractor().count(Normaliser().normalise("退款"), into: &counter)
    #expect(counter.distinct == 3)
  }

  @Test func holdsTheLongestText() {
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

/// The n-grams as strings, made the slow and obvious way.
enum NaiveGrams {
  private struct Gram {
    let family: GramHash.Family
    let characters: [UInt32]
    let pair: [[UInt32]]
    let name: String
  }

  static func names(of text: String) -> [String] { grams(of: text).map(\.name) }

  static func all(of text: String) -> [GramHash] {
    grams(of: text).map { gram in
      if gram.family == .wordPair {
        let words = gram.pair.map { $0.reduce(GramHash.start(.word)) { $0.adding($1) }.state }
        return GramHash.start(.wordPair).adding(words[0] | 1).adding(words[1])
      }
      return gram.characters.reduce(GramHash.start(gram.family)) { $0.adding($1) }
    }
  }

  private static func grams(of text: String) -> [Gram] {
    var grams: [Gram] = []
    var previous: [UInt32]?
    for token in tokens(text) {
      let values = token.text.unicodeScalars.map(\.value)
      switch token.kind {
      case .han:
        for (index, value) in values.enumerated() {
          grams.append(Gram(family: .han, characters: [value], pair: [], name: "h:\(spell([value]))"))
          if index + 1 < values.count {
            let pair = [value, values[index + 1]]
            grams.append(Gram(family: .han, characters: pair, pair: [], name: "h:\(spell(pair))"))
          }
        }
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
