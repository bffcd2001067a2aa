import DeskCore
import Testing

@testable import Language

@Suite struct EncoderPackTests {
  @Test func omitsPiecesAbsentFromNormalisedText() throws {
    let words = try ToyEncoder.pack().words
    let kept = ToyEncoder.pieces.indices.filter { ToyEncoder.pieces[$0].piece != "▁Refund" }
    #expect(words.numbers == kept.map(Int32.init))
    #expect(words.segmenter.scores == kept.map { ToyEncoder.pieces[$0].score })
  }

  @Test func refusesAnyAlterationOrTruncation() throws {
    // Every byte of the first part; of the layers' numbers, which are all read the same way, one in a few hundred.
    var bytes = ToyEncoder.bytes()
    let places = Array(0..<600) + stride(from: 600, to: bytes.count, by: 331) + bytes.indices.suffix(8)
    for index in places {
      bytes[index] ^= 1 << UInt8(index % 8)
      #expect(throws: LanguageError.self, "byte \(index)") { try EncoderPack.decode(bytes) }
      bytes[index] ^= 1 << UInt8(index % 8)
      #expect(throws: LanguageError.self, "length \(index)") { try EncoderPack.decode(Array(bytes[..<index])) }
    }
    #expect(throws: Never.self) { try EncoderPack.decode(bytes) }
  }

  @Test func poolsRowsToUnitLength() throws {
    let segmenter = try ToyEncoder.pack().words.segmenter
    let rows = segmenter.scores.indices.map { piece in
      (0..<8).map { Int8(truncatingIfNeeded: (piece * 37 + $0 * 11) % 97 - 48) }
    }
    let table = try #require(
      TokenTable(
        dimensions: 8, segmenter: segmenter, rows: rows.flatMap { $0 },
        scales: rows.indices.map { Float($0 + 1) / 127 }))
    var scratch = TokenTable.Scratch()
    table.pool(Normaliser().normalise("Refund"), into: &scratch)
    let row = rows[2].map(Float.init)
    let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
    for place in row.indices {
      #expect(abs(scratch.pooled[0][place] - row[place] / length) < 1e-6)
    }
    table.pool(Normaliser().normalise("☃"), into: &scratch)
    #expect(abs((scratch.pooled[0] * scratch.pooled[0]).sum() - 1) < 1e-5, "the space before a word is a piece")
    table.pool(Normaliser().normalise(""), into: &scratch)
    #expect(scratch.pooled == [.zero])
  }

  @Test func predictionsMatchTheSolver() throws {
    let pack = try ToyEncoder.pack()
    let model = try ToyExamples.model(encoder: pack)
    let encoder = try #require(model.encoder)
    #expect(model.summary.encoderWeight == 1)
    let texts = ToyExamples.all.map(\.text)
    var counted = CountedTexts()
    var counter = GramCounter()
    var pooled = PooledTexts(blocks: encoder.table.blocks)
    var scratch = TokenTable.Scratch()
    for text in texts {
      let normalised = Normaliser().normalise(text)
      FeatureExtractor().count(normalised, into: &counter)
      counted.append(counter)
      encoder.table.pool(normalised, into: &scratch)
      pooled.append(scratch.pooled)
    }
    let rows = TrainingRows(
      documents: counted, indices: Array(texts.indices), space: model.space,
      pooled: WeightedPool(texts: pooled, weight: 1))
    let weights = LinearWeights(weights: model.weights + encoder.weights, bias: model.bias)
    for (row, text) in texts.enumerated() {
      let normalised = Normaliser().normalise(text)
      FeatureExtractor().count(normalised, into: &counter)
      var margins: [SIMD8<Float>] = []
      model.margins(of: counter, into: &margins)
      encoder.table.pool(normalised, into: &scratch)
      model.add(encoder, scratch, to: &margins)
      let expected = rows.margins(row, of: weights)
      for label in model.labels.indices {
        #expect(abs(margins[0][label] - expected[0][label]) < 1e-4)
      }
    }
  }

  @Test func omitsTheEncoderAtZeroWeight() throws {
    var options = TrainingOptions()
    options.validation = .folds(3)
    options.encoder = try ToyEncoder.pack()
    options.encoderWeights = [0]
    let outcome = try Trainer(options: options).train(ToyExamples.all)
    #expect(outcome.model.encoder == nil)
    #expect(outcome.report.costs.allSatisfy { $0.encoderWeight == 0 })
  }
}

/// The best segmentation of a text, found by trying all of them.
@Suite struct PieceSegmenterTests {
  private let pieces = ToyEncoder.pieces.filter { $0.piece != "▁Refund" }

  private func segments(_ text: String) throws -> [String] {
    let segmenter = try #require(
      PieceSegmenter(pieces: pieces.map { $0.piece.unicodeScalars.map(\.value) }, scores: pieces.map(\.score)))
    var scratch = PieceSegmenter.Scratch()
    segmenter.segment(text.unicodeScalars.map(\.value), &scratch)
    return scratch.pieces.reversed().map { pieces[Int($0)].piece }
  }

  /// The highest score of any segmentation; an uncovered character costs ten more than the rarest piece.
  private func bestScore(_ text: Substring) -> Float {
    guard let first = text.first else { return 0 }
    let unknown = (pieces.map(\.score).min() ?? 0) - 10
    var best =
      pieces.contains { $0.piece == String(first) } ? -Float.infinity : unknown + bestScore(text.dropFirst())
    for piece in pieces where text.hasPrefix(piece.piece) {
      best = max(best, piece.score + bestScore(text.dropFirst(piece.piece.count)))
    }
    return best
  }

  @Test(
    "segments so that the sum of scores is maximal",
    arguments: ["refund", "refunds", "parcels", "re fund", "退款", "退 款s", "password", "☃s", "repassword"])
  func findsTheBestSegmentation(text: String) throws {
    let cut = try segments(text)
    let known = cut.reduce(Float(0)) { sum, piece in sum + (pieces.first { $0.piece == piece }?.score ?? 0) }
    let marked = "▁" + text.replacing(" ", with: "▁")
    let uncovered = marked.count - cut.reduce(0) { $0 + $1.count }
    let unknown = (pieces.map(\.score).min() ?? 0) - 10
    #expect(known + Float(uncovered) * unknown == bestScore(marked[...]))
  }

  @Test func segmentsKnownExamples() throws {
    #expect(try segments("refunds") == ["▁refund", "s"])
    #expect(try segments("parcel") == ["▁par", "cel"])
    #expect(try segments("") == [])
  }

  @Test func refusesArraysThatAreNotATree() {
    #expect(PieceSegmenter(scalars: [], firstChild: [], piece: [], scores: []) == nil)
    #expect(PieceSegmenter(scalars: [0, 97], firstChild: [1, 2, 2], piece: [-1, 5], scores: [0]) == nil)
    #expect(PieceSegmenter(scalars: [0, 97], firstChild: [0, 2, 2], piece: [-1, 0], scores: [0]) == nil)
  }
}
