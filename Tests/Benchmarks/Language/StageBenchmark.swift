import DeskCore
import Language

/// The cost of labelling.
enum StageBenchmark {
  static let batch = 256

  /// Texts of about the given number of characters, composed of others.
  static func texts(_ examples: [LabelledExample], characters: Int, count: Int) -> [String] {
    var next = 0
    return (0..<count).map { _ in
      var text = ""
      while text.count < characters {
        text += (text.isEmpty ? "" : " ") + examples[next % examples.count].text
        next += 1
      }
      return String(text.prefix(characters))
    }
  }

  private static func seconds(_ classifier: MessageClassifier, _ messages: [MessageText]) -> Double {
    Stopwatch.best {
      for start in stride(from: 0, to: messages.count, by: batch) {
        _ = classifier.labels(for: Array(messages[start..<min(start + batch, messages.count)]))
      }
    }
  }

  static func byLength(_ examples: [LabelledExample]) throws {
    let classifier = MessageClassifier(model: try train(examples))
    Table.head("First stage by length", ["characters", "messages per second", "characters per second"])
    for characters in [10, 50, 200, 1_000, 4_000] {
      let messages = texts(examples, characters: characters, count: max(100, 400_000 / characters / 8))
        .map { MessageText(text: $0) }
      let seconds = seconds(classifier, messages)
      Table.row([
        "\(characters)", Table.perSecond(messages.count, seconds),
        Table.perSecond(messages.count * characters, seconds),
      ])
    }
  }

  /// Labels with synthetic words, at least five examples each.
  static func byLabels() throws {
    Table.head("First stage by number of labels (12 words)", ["labels", "messages per second"])
    for labels in [2, 10, 77, 300, 1_000] {
      var random = SeededGenerator(seed: 3)
      let examples = (0..<labels * max(5, 1_000 / labels)).map { index in
        let words = (0..<12).map { place in
          place % 3 == 0
            ? "own\(index % labels)x\(Int.random(in: 0..<9, using: &random))"
            : "word\(Int.random(in: 0..<2_000, using: &random))"
        }
        return LabelledExample(text: words.joined(separator: " "), label: "label \(index % labels)")
      }
      let classifier = MessageClassifier(model: try train(examples))
      let messages = examples.prefix(5_000).map { MessageText(text: $0.text) }
      Table.row(["\(labels)", Table.perSecond(messages.count, seconds(classifier, messages))])
    }
  }

  /// Part of the examples is held out, as a stream of messages that the model has not seen.
  static func stream(_ examples: [LabelledExample], pack: EncoderPack, encoder: SentenceEncoder) throws {
    let held = examples.enumerated().filter { $0.offset % 7 == 0 }.map(\.element)
    let learned = examples.enumerated().filter { $0.offset % 7 != 0 }.map(\.element)
    var options = TrainingOptions()
    options.encoder = pack
    options.costs = [1]
    options.encoderWeights = [1]
    let model = try Trainer(options: options).train(learned).model
    Table.head(
      "A stream of \(held.count) messages not seen in training",
      ["stages", "messages per second", "second stage", "accuracy"])
    let messages = held.map { MessageText(text: $0.text) }
    for (name, classifier) in [
      ("first alone", MessageClassifier(model: model)), ("both", MessageClassifier(model: model, encoder: encoder)),
    ] {
      let again = classifier.labels(for: messages).count { $0.stage == 2 }
      Table.row([
        name, Table.perSecond(messages.count, seconds(classifier, messages)),
        Table.percent(Double(again) / Double(messages.count)),
        Table.percent(classifier.evaluate(held).evaluation.accuracy),
      ])
    }
  }

  private static func train(_ examples: [LabelledExample]) throws -> LinearModel {
    var options = TrainingOptions()
    options.costs = [1]
    options.validation = .heldOut(share: 0.1)
    return try Trainer(options: options).train(examples).model
  }
}

/// The cost of the encoder.
enum EncoderBenchmark {
  static func byLength(_ encoder: SentenceEncoder, _ examples: [LabelledExample]) {
    Table.head("Encoder by length", ["characters", "texts per second"])
    let workspace = EncoderWorkspace(encoder)
    for characters in [10, 50, 200, 1_000] {
      let texts = StageBenchmark.texts(examples, characters: characters, count: max(32, 50_000 / characters))
      let seconds = Stopwatch.best { _ = encoder.encode(texts, in: workspace) }
      Table.row(["\(characters)", Table.perSecond(texts.count, seconds)])
    }
    let texts = examples.prefix(3_000).map(\.text)
    let seconds = Stopwatch.best { _ = encoder.encode(texts, in: workspace) }
    Table.row(["the file's own", Table.perSecond(texts.count, seconds)])
  }
}
