import DeskCore
import Testing

@testable import Language

@Suite struct SecondStageTests {
  /// A model of the toy examples with a random second stage and every message below the doubt threshold.
  private func model(
    _ pack: EncoderPack, doubt: Float = 1.1, whitened: Bool = false, neighbours: Neighbours? = nil
  ) throws -> LinearModel {
    let first = try ToyExamples.model()
    var generator = SeededGenerator(seed: 8)
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float.random(in: -1...1, using: &generator) } }
    func blocks(_ count: Int) -> [SIMD8<Float>] { (0..<count).map { _ in SIMD8(numbers(8)) } }
    let size = pack.encoder.dimensions
    var parts = LinearModel.Parts(
      labels: first.labels, temperature: first.temperature, sharpening: first.sharpening, space: first.space,
      weights: first.weights, bias: first.bias, encoder: nil, scopeThreshold: -.infinity, second: nil)
    parts.second = SecondStage(
      fingerprint: pack.encoder.fingerprint, doubt: doubt,
      whitening: whitened ? Whitening(mean: numbers(size), rows: numbers(size * size)) : nil,
      grams: ByteWeights(blocks(first.space.count)[...], blocks: 1), sentences: blocks(size), bias: blocks(1),
      neighbours: neighbours, temperature: 2, sharpening: PlattScaling(slope: 1.2, intercept: 0.1), scopeThreshold: -0.5
    )
    return LinearModel(parts, summary: first.summary)
  }

  private let texts = ["refund the parcel", "password", "退款 parcel", "", "wholly unknown ☃"]
  private var messages: [MessageText] { texts.map { MessageText(text: $0) } }

  @Test("labels low-confidence messages by n-grams and sentence together", arguments: [false, true])
  func doubtfulMessagesGoThroughTheSecondStage(whitened: Bool) throws {
    let pack = try ToyEncoder.pack()
    let model = try model(pack, whitened: whitened)
    let second = try #require(model.second)
    let labels = MessageClassifier(model: model, encoder: pack.encoder).labels(for: messages)
    let workspace = EncoderWorkspace(pack.encoder)
    for (text, label) in zip(texts, labels) where !text.isEmpty {
      var counter = GramCounter()
      FeatureExtractor().count(Normaliser().normalise(text), into: &counter)
      let sentence = pack.encoder.encode([text], in: workspace)
      let row = second.whitening.map { $0.apply(to: sentence[...]) } ?? sentence
      // One number at a time: the unit-length n-grams with their steps, the sentence, the bias.
      var grams: [(number: Int, value: Float)] = []
      counter.forEach { bucket, count in
        let number = Int(model.space.dense[bucket])
        guard number >= 0 else { return }
        grams.append((number, FeatureSpace.termWeight(count) * model.space.inverseDocumentFrequency[number]))
      }
      let length = grams.reduce(Float(0)) { $0 + $1.value * $1.value }.squareRoot()
      var expected = model.labels.indices.map { second.bias[0][$0] }
      for label in expected.indices {
        for (number, value) in grams {
          expected[label] +=
            value / length * Float(second.grams.steps[number * 8 + label]) * second.grams.scales[number]
        }
        for place in 0..<pack.encoder.dimensions {
          expected[label] += row[place >> 3][place & 7] * second.sentences[place][label]
        }
      }
      let best = try #require(expected.indices.max { expected[$0] < expected[$1] })
      #expect(label.stage == 2)
      #expect(label.guesses[0].category == model.labels[best])
      #expect((label.category == MessageLabels.outOfScope) == (expected[best] < second.scopeThreshold))
    }
    #expect(labels[3].stage == 1 && labels[3].category == MessageLabels.outOfScope, "there is nothing to encode")
  }

  @Test func theSecondStageIsSkippedWithoutItsEncoderOrPermission() throws {
    let pack = try ToyEncoder.pack()
    let model = try model(pack)
    let alone = MessageClassifier(model: model)
    let other = MessageClassifier(model: model, encoder: try ToyEncoder.pack(seed: 4).encoder)
    let both = MessageClassifier(model: model, encoder: pack.encoder)
    #expect(!alone.looksAgain && !other.looksAgain && both.looksAgain)
    let expected = alone.labels(for: messages)
    #expect(expected.allSatisfy { $0.stage == 1 })
    #expect(other.labels(for: messages) == expected)
    #expect(both.labels(for: messages, mayGoOn: { false }) == expected)
    #expect(both.labels(for: messages) != expected)
  }

  @Test func theCallerIsAskedBeforeEachGroupLeastConfidentFirst() throws {
    let pack = try ToyEncoder.pack()
    let classifier = MessageClassifier(model: try model(pack), encoder: pack.encoder)
    let many = (0..<50).map { MessageText(text: $0 % 2 == 0 ? "refund \($0)" : "parcel password \($0)") }
    let first = classifier.labels(for: many, mayGoOn: { false })
    var asked = 0
    let labels = classifier.labels(for: many) {
      asked += 1
      return asked <= 2
    }
    #expect(asked == 3)
    let again = labels.indices.filter { labels[$0].stage == 2 }
    #expect(again.count == 2 * LanguageLimits.lookedAtTogether)
    let surest = again.map { first[$0].confidence }.max() ?? 0
    #expect(labels.indices.allSatisfy { labels[$0].stage == 2 || first[$0].confidence >= surest })
  }

  @Test func confidentMessagesSkipTheSecondStage() throws {
    let pack = try ToyEncoder.pack()
    let classifier = MessageClassifier(model: try model(pack, doubt: 0), encoder: pack.encoder)
    #expect(classifier.labels(for: messages).allSatisfy { $0.stage == 1 })
  }

  @Test("survives a file round trip and is part of the model version", arguments: [false, true])
  func roundTrips(whitened: Bool) throws {
    let pack = try ToyEncoder.pack()
    let model = try model(pack, whitened: whitened)
    let bytes = ModelFile.encode(model)
    let copy = try ModelFile.decode(bytes)
    #expect(ModelFile.encode(copy) == bytes)
    #expect(copy.version == model.version)
    #expect(try self.model(pack, doubt: 0.5, whitened: whitened).version != model.version)
    let labels = MessageClassifier(model: copy, encoder: pack.encoder).labels(for: messages)
    #expect(labels == MessageClassifier(model: model, encoder: pack.encoder).labels(for: messages))
  }

  /// Encoder rows of a few texts, with labels in rotation.
  private func neighbours(_ pack: EncoderPack, share: Float) throws -> Neighbours {
    let labels = try ToyExamples.model().labels.count
    var texts = PooledTexts(blocks: pack.encoder.dimensions / 8)
    let workspace = EncoderWorkspace(pack.encoder)
    texts.append(pack.encoder.encode(["refund", "parcel", "password", "退款", "late"], in: workspace))
    return Neighbours(texts, indices: Array(0..<5), labels: (0..<5).map { $0 % labels }, share: share)
  }

  @Test func votesOfSimilarExamplesAreAddedAndStored() throws {
    let pack = try ToyEncoder.pack()
    let alone = try model(pack)
    let voting = try model(pack, neighbours: try neighbours(pack, share: 0.5))
    #expect(voting.version != alone.version)
    let copy = try ModelFile.decode(ModelFile.encode(voting))
    #expect(copy.second?.neighbours == voting.second?.neighbours)
    let labels = MessageClassifier(model: voting, encoder: pack.encoder).labels(for: messages)
    #expect(MessageClassifier(model: copy, encoder: pack.encoder).labels(for: messages) == labels)
    #expect(labels != MessageClassifier(model: alone, encoder: pack.encoder).labels(for: messages))
    // With a share that outweighs all margins, the nearest example's label is the message's.
    let overwhelming = MessageClassifier(
      model: try model(pack, neighbours: try neighbours(pack, share: 1_000)), encoder: pack.encoder)
    for (place, text) in ["refund", "parcel", "password"].enumerated() {
      let guess = overwhelming.labels(for: [MessageText(text: text)])[0].guesses[0]
      #expect(guess.category == alone.labels[place % alone.labels.count])
    }
  }

  @Test func anAlteredFileIsRefused() throws {
    let pack = try ToyEncoder.pack()
    var bytes = ModelFile.encode(try model(pack, neighbours: neighbours(pack, share: 0.5)))
    let from = ModelFile.encode(try ToyExamples.model()).count - 64
    for index in stride(from: from, to: bytes.count, by: 13) {
      bytes[index] ^= 4
      #expect(throws: LanguageError.self, "byte \(index)") { try ModelFile.decode(bytes) }
      bytes[index] ^= 4
      #expect(throws: LanguageError.self, "length \(index)") { try ModelFile.decode(Array(bytes[..<index])) }
    }
  }

  private func withEncoder() throws -> TrainingOptions {
    var options = TrainingOptions()
    options.validation = .folds(3)
    options.encoder = try ToyEncoder.pack()
    options.costs = [1]
    return options
  }

  @Test func aSecondStageThatDoesNotHelpIsTriedAndNotKept() throws {
    // The n-grams already separate these labels.
    let options = try withEncoder()
    let examples = (0..<60).map { index in
      LabelledExample(text: (index % 2 == 0 ? "退款" : "s") + " ☃☂☁☀★"[index], label: index % 2 == 0 ? "a" : "b")
    }
    var phases: Set<TrainingProgress.Phase> = []
    let outcome = try Trainer(options: options).train(examples) { phases.insert($0.phase) }
    #expect(phases.isSuperset(of: [.encoding, .searching, .searchingSecond]))
    #expect(outcome.model.second == nil && outcome.report.secondStage == nil)
    let again = try Trainer(options: options).train(examples)
    #expect(ModelFile.encode(again.model) == ModelFile.encode(outcome.model))
  }

  @Test func aSecondStageThatHelpsIsTrainedAndMeasured() throws {
    // No two texts share a character, so that n-grams of one say nothing about another; the encoder sees how many words there are.
    let options = try withEncoder()
    let characters = (0x4E00..<0x9000).compactMap(Unicode.Scalar.init).filter { $0 != "退" && $0 != "款" }
    let examples = (0..<60).map { index in
      let words = characters[index * 4..<index * 4 + (index % 2 == 0 ? 1 : 4)].map { String($0) }
      return LabelledExample(text: words.joined(separator: " "), label: index % 2 == 0 ? "a" : "b")
    }
    let outcome = try Trainer(options: options).train(examples)
    let second = try #require(outcome.report.secondStage, "it helps here, so it is kept")
    #expect(outcome.model.second != nil)
    #expect(outcome.report.evaluation.accuracy > second.firstStage.accuracy)
    #expect((0...1).contains(second.share))
    #expect(outcome.report.table().contains("second stage"))
  }
}

extension String {
  /// The characters from a given one on, cyclically, so that texts differ.
  fileprivate subscript(_ index: Int) -> String {
    let all = Array(self)
    return String((0..<3).map { all[(index * 7 + $0 * index) % all.count] })
  }
}

@Suite struct ByteWeightsTests {
  @Test func weightsAreAccurateWithinHalfAStep() {
    var generator = SeededGenerator(seed: 2)
    let weights = (0..<20).map { row in
      SIMD8<Float>((0..<8).map { _ in Float.random(in: -1...1, using: &generator) * Float(row) })
    }
    let bytes = ByteWeights(weights[...], blocks: 2)
    for row in 0..<10 {
      var sums = [SIMD8<Float>](repeating: .zero, count: 2)
      bytes.add(row, times: 3, to: &sums)
      for block in 0..<2 {
        let distance = sums[block] - 3 * weights[row * 2 + block]
        #expect((0..<8).allSatisfy { distance[$0].magnitude <= 3 * bytes.scales[row] * 0.51 })
      }
    }
  }
}

@Suite struct WhiteningTests {
  private func texts(_ count: Int) -> PooledTexts {
    var generator = SeededGenerator(seed: 4)
    var texts = PooledTexts(blocks: 4)
    for _ in 0..<count {
      texts.append(
        (0..<4).map { block in
          SIMD8((0..<8).map { Float.random(in: -1...1, using: &generator) * Float(1 + block * 8 + $0) + 5 })
        })
    }
    return texts
  }

  /// Variances of the columns, largest by smallest.
  private func spread(_ texts: PooledTexts) -> Float {
    let variances = (0..<32).map { column in
      let values = (0..<texts.count).map { texts.row($0)[$0 * texts.blocks + column >> 3][column & 7] }
      let mean = values.reduce(0, +) / Float(values.count)
      return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)
    }
    return (variances.max() ?? 0) / (variances.min() ?? 1)
  }

  @Test func whiteningEqualisesVariances() {
    let texts = texts(400)
    let evened = Whitening(texts, indices: Array(0..<400)).apply(to: texts)
    // Variances differ by 32 squared; the fourth root halves the exponent.
    #expect(spread(texts) > 500)
    #expect(spread(evened) < 120)
    for index in 0..<400 {
      #expect(abs(evened.row(index).reduce(0) { $0 + ($1 * $1).sum() } - 1) < 1e-4)
    }
  }

  @Test func matrixRootsAreCorrect() {
    let texts = texts(100)
    var matrix = SquareMatrix(zeroOf: 32)
    for index in 0..<100 { matrix.addOuterProduct(texts.row(index).map { $0 - 5 }) }
    matrix.addToDiagonal(10)
    let (root, inverse) = matrix.roots(steps: 40)
    let (back, one) = (root.times(root), root.times(inverse))
    for row in 0..<32 {
      for column in 0..<32 {
        let place = row * 32 + column
        #expect(abs(back.values[place] - matrix.values[place]) < 1e-3 * matrix.trace)
        #expect(abs(one.values[place] - (row == column ? 1 : 0)) < 1e-2)
      }
    }
  }
}

@Suite struct StagedCalibrationTests {
  /// Margins of two labels: the higher wins by `lead`.
  private func held(_ leads: [Float], outside: [Float] = []) -> HeldOutMargins {
    var held = HeldOutMargins(labelCount: 2)
    for lead in leads { held.append([SIMD8([lead, 0, 0, 0, 0, 0, 0, 0])], truth: 0) }
    for lead in outside { held.append(outside: [SIMD8([lead, -1, 0, 0, 0, 0, 0, 0])]) }
    return held
  }

  @Test func usesTheSecondStageOnlyWhereItHelps() {
    // Of 1,000, the 100 with the smallest lead are wrong in the first stage; the second stage has them all right.
    let first = held((0..<1_000).map { $0 < 100 ? -0.05 : 0.5 + Float($0) / 1_000 })
    let second = held([Float](repeating: 1, count: 1_000))
    let look = StagedCalibration.FirstStageResult(first)
    let doubt = StagedCalibration.doubt(look, second: second)
    let asked = (0..<1_000).filter { look.isDoubtful($0, below: doubt) }
    #expect(StagedCalibration.accuracy(look, second: second, doubt: doubt) == 1)
    #expect(asked.count < 400)
    #expect(asked.count >= 100)
    let outcomes = StagedCalibration.outcomes(look, second: second, doubt: doubt)
    #expect(outcomes.count == 1_000)
    #expect(outcomes.allSatisfy { $0.truth == $0.guess })
  }

  @Test func avoidsAnUninformativeSecondStage() {
    let first = held((0..<1_000).map { 0.2 + Float($0) / 1_000 })
    let second = held([Float](repeating: -1, count: 1_000))
    let look = StagedCalibration.FirstStageResult(first)
    let doubt = StagedCalibration.doubt(look, second: second)
    #expect(StagedCalibration.accuracy(look, second: second, doubt: doubt) > 0.98)
  }

  @Test func recognisesOutOfScopeMessages() {
    let first = held((0..<1_000).map { 0.1 + Float($0 / 2 % 10) / 10 }, outside: [Float](repeating: 0.05, count: 50))
    let second = held((0..<1_000).map { 0.5 + Float($0 / 2 % 10) / 10 }, outside: [Float](repeating: -0.9, count: 50))
    let look = StagedCalibration.FirstStageResult(first)
    let outcomes = StagedCalibration.outcomes(look, second: second, doubt: 1)
    #expect(outcomes.suffix(50).allSatisfy { $0.truth == Evaluation.Outcome.outside && $0.isRefused })
    #expect(outcomes.prefix(1_000).count { $0.isRefused } <= 60)
  }
}
