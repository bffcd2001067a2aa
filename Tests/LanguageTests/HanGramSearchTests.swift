import DeskCore
import Testing

@testable import Language

@Suite struct HanGramSearchTests {
  private func buckets(_ text: String, _ grams: HanGrams) -> Int {
    var counter = GramCounter()
    FeatureExtractor(hanGrams: grams).count(Normaliser().normalise(text), into: &counter)
    return counter.distinct
  }

  @Test func extraGramsAppearOnlyInChineseRuns() {
    #expect(buckets("退款到账", .pairs) == 4 + 3)
    #expect(buckets("退款到账", .markedPairs) == 4 + 3 + 4)
    #expect(buckets("退款到账", .markedThrees) == 4 + 3 + 4 + 2)
    #expect(buckets("没到账", .markedPairs) == 3 + 2 + 4 + 3)
    #expect(buckets("退款 a 到账", .markedThrees) == buckets("退款 a 到账", .markedPairs))
    #expect(buckets("refund", .markedThrees) == buckets("refund", .pairs))
  }

  @Test func extraGramsNeedASignificantBenefit() {
    func held(_ right: [Bool]) -> HeldOutMargins {
      var held = HeldOutMargins(labelCount: 2)
      for isRight in right { held.append([SIMD8([isRight ? 1 : -1, 0, 0, 0, 0, 0, 0, 0])], truth: 0) }
      return held
    }
    let before = held((0..<100).map { $0 >= 10 })
    #expect(HanGramSearch.isBetter(held((0..<100).map { _ in true }), than: before))
    #expect(!HanGramSearch.isBetter(held((0..<100).map { $0 >= 8 }), than: before))
    #expect(!HanGramSearch.isBetter(before, than: before))
    #expect(!HanGramSearch.isBetter(before, than: held((0..<100).map { _ in true })))
  }

  /// The label depends on three consecutive characters, which bigrams cannot distinguish.
  private static let examples = (0..<240).map { index in
    let filler = ["天", "地", "人", "你", "我", "他"]
    // The same ends for each of four neighbours, so that they carry no information.
    let ends = (filler[index / 4 % 6], filler[index / 24 % 6])
    let isFirst = index % 2 == 0
    let words = isFirst ? ["甲乙丙", "丁乙戊"] : ["甲乙戊", "丁乙丙"]
    return LabelledExample(
      text: ends.0 + words[index / 2 % 2] + ends.1, label: isFirst ? "a" : "b")
  }

  @Test func trainingChoosesGramsAndTheModelStoresThem() throws {
    var options = TrainingOptions()
    options.costs = [1]
    options.validation = .folds(3)
    let model = try Trainer(options: options).train(Self.examples).model
    #expect(model.hanGrams == .markedThrees)
    #expect(model.summary.accuracy > 0.9)
    let copy = try ModelFile.decode(ModelFile.encode(model))
    #expect(copy.hanGrams == .markedThrees)
    #expect(copy.version == model.version)
    let texts = Self.examples.map(\.text)
    #expect(MessageClassifier(model: copy).labels(for: texts).map(\.category) == Self.examples.map(\.label))
    // Bigrams suffice here.
    let easy = (0..<60).map { LabelledExample(text: $0 % 2 == 0 ? "退款到账" : "快递丢了", label: $0 % 2 == 0 ? "a" : "b") }
    #expect(try Trainer(options: options).train(easy).model.hanGrams == .pairs)
  }
}
