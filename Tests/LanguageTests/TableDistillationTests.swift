import DeskCore
import Testing

@testable import Language

@Suite struct TableDistillationTests {
  /// Texts of a few pieces each, drawn from a seed, and the whole toy encoder's rows for them.
  private struct Texts {
    let pack: EncoderPack
    let texts: [String]
    let pieces: [[Int32]]
    let sentences: PooledTexts

    init(count: Int) throws {
      pack = try ToyEncoder.pack()
      var generator = SeededGenerator(seed: 9)
      let words = ["refund", "parcel", "password", "退款", "s", "re", "cel", "fund"]
      texts = (0..<count).map { _ in
        (0..<Int.random(in: 1...6, using: &generator)).compactMap { _ in words.randomElement(using: &generator) }
          .joined(separator: " ")
      }
      var scratch = PieceSegmenter.Scratch()
      var pieces: [[Int32]] = []
      for text in texts {
        pack.words.segmenter.segment(Normaliser().normalise(text).scalars, &scratch)
        pieces.append(scratch.pieces)
      }
      self.pieces = pieces
      var sentences = PooledTexts(blocks: pack.encoder.dimensions / 8)
      sentences.append(pack.encoder.encode(texts, in: EncoderWorkspace(pack.encoder)))
      self.sentences = sentences
    }
  }

  private func product(_ left: ArraySlice<SIMD8<Float>>, _ right: ArraySlice<SIMD8<Float>>) -> Float {
    zip(left, right).reduce(0) { $0 + ($1.0 * $1.1).sum() }
  }

  @Test func approximatesTheEncoderOnUnseenTexts() throws {
    let texts = try Texts(count: 400)
    let learned = likeness(texts, learningFrom: texts.sentences)
    #expect(learned > 0.7, "\(learned)")
    // The same with sentences of other texts: the result is unrelated to these.
    var others = PooledTexts(blocks: texts.sentences.blocks)
    for index in 0..<400 { others.append(Array(texts.sentences.row((index + 7) % 400))) }
    let chance = likeness(texts, learningFrom: others)
    #expect(chance < 0.3, "\(chance)")
  }

  /// Mean similarity of the last hundred texts to their sentences, around the mean, after learning from the others: 1 for the same
  /// direction, 0 for an unrelated one.
  private func likeness(_ texts: Texts, learningFrom sentences: PooledTexts) -> Float {
    let distillation = TableDistillation(texts.pack, pieces: texts.pieces, sentences: sentences)
    let pooled = distillation.pooled(by: distillation.learn(from: Array(0..<300)))
    var mean = [SIMD8<Float>](repeating: .zero, count: texts.sentences.blocks)
    for index in 0..<300 {
      for (block, values) in texts.sentences.row(index).enumerated() { mean[block] += values / 300 }
    }
    return (300..<400).reduce(0) { sum, index in
      let said = zip(texts.sentences.row(index), mean).map { $0 - $1 }[...]
      return sum + product(pooled.row(index), said) / product(said, said).squareRoot() / 100
    }
  }

  @Test func theTableAgreesWithTheMap() throws {
    let texts = try Texts(count: 100)
    let distillation = TableDistillation(texts.pack, pieces: texts.pieces, sentences: texts.sentences)
    let map = distillation.learn(from: Array(0..<100))
    let pooled = distillation.pooled(by: map)
    let table = distillation.table(of: map)
    var scratch = TokenTable.Scratch()
    for (index, text) in texts.texts.enumerated() {
      table.pool(Normaliser().normalise(text), into: &scratch)
      // Rows are rounded to 255 steps.
      #expect(product(scratch.pooled[...], pooled.row(index)) > 0.999, "\(text)")
    }
  }

  @Test func learnsOnlyFromTheSelectedTexts() throws {
    let texts = try Texts(count: 100)
    var others = PooledTexts(blocks: texts.sentences.blocks)
    for index in 0..<100 {
      others.append(index < 60 ? Array(texts.sentences.row(index)) : Array(texts.sentences.row(99 - index)))
    }
    let first = TableDistillation(texts.pack, pieces: texts.pieces, sentences: texts.sentences)
    let second = TableDistillation(texts.pack, pieces: texts.pieces, sentences: others)
    let kept = Array(0..<60)
    #expect(first.pooled(by: first.learn(from: kept)).values == second.pooled(by: second.learn(from: kept)).values)
    let all = Array(0..<100)
    #expect(first.pooled(by: first.learn(from: all)).values != second.pooled(by: second.learn(from: all)).values)
  }

  @Test func aTextWithoutPiecesHasNoEncoding() throws {
    let texts = try Texts(count: 50)
    var sentences = texts.sentences
    sentences.append(Array(texts.sentences.row(0)))
    let distillation = TableDistillation(texts.pack, pieces: texts.pieces + [[]], sentences: sentences)
    let pooled = distillation.pooled(by: distillation.learn(from: Array(0..<50)))
    #expect(pooled.row(50).allSatisfy { $0 == .zero })
    #expect(abs(product(pooled.row(49), pooled.row(49)) - 1) < 1e-4)
  }
}
