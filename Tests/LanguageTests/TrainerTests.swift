import DeskCore
import Testing

@testable import Language

@Suite struct TrainerTests {
  @Test func isDeterministicForASeed() throws {
    let first = ModelFile.encode(try ToyExamples.model(seed: 5))
    #expect(first == ModelFile.encode(try ToyExamples.model(seed: 5)))
    #expect(first != ModelFile.encode(try ToyExamples.model(seed: 6)))
  }

  @Test func isDeterministicDuringConcurrentTraining() async throws {
    let alone = ModelFile.encode(try ToyExamples.model(seed: 5))
    let together = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<4 {
        group.addTask { ModelFile.encode(try ToyExamples.model(seed: 5)) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(together == Array(repeating: alone, count: 4))
  }

  @Test func learnsItsExamples() throws {
    let classifier = MessageClassifier(model: try ToyExamples.model())
    #expect(classifier.evaluate(ToyExamples.all).evaluation.accuracy == 1)
  }

  @Test func learnsTwoLabels() throws {
    let two = ToyExamples.all.filter { $0.label != "account" }
    var options = TrainingOptions()
    options.validation = .folds(2)
    let classifier = MessageClassifier(model: try Trainer(options: options).train(two).model)
    #expect(classifier.evaluate(two).evaluation.accuracy == 1)
    let labels = classifier.labels(for: ["please refund", "快递太慢"])
    #expect(labels.map(\.category) == ["refund", "logistics"])
    #expect(abs(labels[0].guesses.reduce(0) { $0 + $1.probability } - 1) < 1e-5)
  }

  @Test func reportsItsProgress() throws {
    var seen: [TrainingProgress] = []
    var options = TrainingOptions()
    options.validation = .folds(2)
    let outcome = try Trainer(options: options).train(ToyExamples.all) { seen.append($0) }
    #expect(seen.first?.phase == .reading)
    #expect(seen.filter { $0.phase == .searching }.map(\.completed) == Array(0...8))
    #expect(seen.last == TrainingProgress(phase: .fitting, completed: 1, total: 1))
    #expect(outcome.report.costs.map(\.cost) == [0.3, 0.5, 1, 2])
    #expect(outcome.report.summary.heldOut == ToyExamples.all.count)
    #expect(outcome.report.table().contains(outcome.model.version))
  }

  @Test func predictionsMatchTheSolver() throws {
    // Compares the margins from counted n-grams with a plain dot product over the solver's sparse rows.
    let model = try ToyExamples.model()
    var texts = CountedTexts()
    var counter = GramCounter()
    for example in ToyExamples.all {
      FeatureExtractor().count(Normaliser().normalise(example.text), into: &counter)
      texts.append(counter)
    }
    let matrix = TrainingRows(documents: texts, indices: Array(0..<texts.count), space: model.space)
    let weights = LinearWeights(weights: model.weights, bias: model.bias)
    for (row, example) in ToyExamples.all.enumerated() {
      FeatureExtractor().count(Normaliser().normalise(example.text), into: &counter)
      var margins: [SIMD8<Float>] = []
      model.margins(of: counter, into: &margins)
      let expected = matrix.margins(row, of: weights)
      for label in model.labels.indices {
        #expect(abs(margins[label >> 3][label & 7] - expected[label >> 3][label & 7]) < 1e-4)
      }
    }
  }

  @Test func aLabelWithOneExampleIsLearnedWithAWarning() throws {
    var options = TrainingOptions()
    options.costs = [1]
    options.validation = .folds(3)
    let outcome = try Trainer(options: options).train(
      ToyExamples.all + [LabelledExample(text: "zebra", label: "animal")])
    #expect(outcome.report.lonelyLabels == ["animal"])
    #expect(outcome.report.table().contains("1 label(s) have a single example (animal)"))
    #expect(outcome.model.labels.contains("animal"))
    #expect(MessageClassifier(model: outcome.model).labels(for: ["zebra"])[0].guesses[0].category == "animal")
    #expect(try Trainer(options: options).train(ToyExamples.all).report.lonelyLabels.isEmpty)
  }

  @Test func refusesUnlearnableInput() {
    func message(_ examples: [LabelledExample], _ change: (inout TrainingOptions) -> Void = { _ in }) -> String {
      var options = TrainingOptions()
      change(&options)
      do throws(LanguageError) {
        _ = try Trainer(options: options).train(examples)
        return "accepted"
      } catch {
        return "\(error.code): \(error)"
      }
    }
    #expect(message([]).contains("0 label(s)"))
    #expect(message([LabelledExample(text: "a", label: "x")]).contains("1 label(s)"))
    let lonely = ["x", "y"].map { LabelledExample(text: "only \($0)", label: $0) }
    #expect(message(lonely).contains("fewer than 2 labels have more than a single example"))
    #expect(message(Array(ToyExamples.all.prefix(6)) + lonely).contains("give at least 2 labels 2 or more examples"))
    #expect(message(ToyExamples.all) { $0.costs = [0] }.contains("cost"))
    #expect(message(ToyExamples.all) { $0.costs = [] }.contains("cost"))
    #expect(message(ToyExamples.all) { $0.validation = .folds(1) }.contains("folds"))
    #expect(message(ToyExamples.all) { $0.validation = .heldOut(share: 0.9) }.contains("share"))
    let many = (0...LanguageLimits.labels).flatMap { label in
      (0..<2).map { LabelledExample(text: "t\($0)", label: "l\(label)") }
    }
    #expect(message(many).contains("labels, at most"))
  }
}
