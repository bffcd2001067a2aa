internal import DeskCore

/// Labelled examples as counted n-grams, encoder rows and label numbers.
struct TrainingSet {
  let labels: [String]
  /// The label of each text; the number of labels for one that belongs to none.
  let targets: [Int]
  let texts: CountedTexts
  /// The n-grams of Chinese runs in `texts`.
  let hanGrams: HanGrams
  /// The basis for the word table.
  let distillation: TableDistillation?
  /// The whole encoder's row of each text.
  let sentences: PooledTexts?

  /// Labels with a single example, in order.
  let lonely: [String]

  /// Examples between two reports of progress.
  private static let reportEvery = 1_000

  init(
    _ examples: [LabelledExample], encoder: EncoderPack?, progress: (TrainingProgress) -> Void
  ) throws(LanguageError) {
    var counts: [String: Int] = [:]
    for example in examples where !example.isOutOfScope {
      counts[example.label, default: 0] += 1
    }
    try Self.check(counts)
    lonely = counts.filter { $0.value == 1 }.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    labels = counts.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let numbers = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
    let outside = labels.count
    targets = examples.map { numbers[$0.label] ?? outside }
    let extractor = FeatureExtractor()
    hanGrams = extractor.hanGrams
    var segmentation = PieceSegmenter.Scratch()
    var pieces: [[Int32]] = []
    texts = Self.count(examples, extractor) { index, normalised in
      if let encoder {
        encoder.words.segmenter.segment(normalised.scalars, &segmentation)
        pieces.append(segmentation.pieces)
      }
      if index % Self.reportEvery == 0 {
        progress(TrainingProgress(phase: .reading, completed: index, total: examples.count))
      }
    }
    let sentences = encoder.map { Self.encode(examples, $0.encoder, progress) }
    self.sentences = sentences
    if let encoder, let sentences {
      distillation = TableDistillation(encoder, pieces: pieces, sentences: sentences)
    } else {
      distillation = nil
    }
  }

  /// Recounts the same examples with more n-grams of Chinese runs; nil if none of them has any.
  init?(_ set: TrainingSet, examples: [LabelledExample], hanGrams: HanGrams) {
    let texts = Self.count(examples, FeatureExtractor(hanGrams: hanGrams))
    guard texts.buckets.count > set.texts.buckets.count else { return nil }
    labels = set.labels
    targets = set.targets
    distillation = set.distillation
    sentences = set.sentences
    lonely = set.lonely
    self.texts = texts
    self.hanGrams = hanGrams
  }

  /// - Parameter each: called with every normalised text.
  private static func count(
    _ examples: [LabelledExample], _ extractor: FeatureExtractor, each: (Int, NormalisedText) -> Void = { _, _ in }
  ) -> CountedTexts {
    let normaliser = Normaliser()
    var normalised = NormalisedText()
    var counter = GramCounter()
    var texts = CountedTexts()
    for (index, example) in examples.enumerated() {
      normalised.removeAll()
      normaliser.append(example.text, to: &normalised)
      extractor.count(normalised, into: &counter)
      texts.append(counter)
      each(index, normalised)
    }
    return texts
  }

  private static func encode(
    _ examples: [LabelledExample], _ encoder: SentenceEncoder, _ progress: (TrainingProgress) -> Void
  ) -> PooledTexts {
    let workspace = EncoderWorkspace(encoder)
    var sentences = PooledTexts(blocks: encoder.dimensions / 8)
    for first in stride(from: 0, to: examples.count, by: reportEvery) {
      let part = examples[first..<min(first + reportEvery, examples.count)]
      sentences.append(encoder.encode(part.map(\.text), in: workspace))
      progress(TrainingProgress(phase: .encoding, completed: first + part.count, total: examples.count))
    }
    return sentences
  }

  /// Whether the text belongs to no label.
  func isOutside(_ document: Int) -> Bool { targets[document] == labels.count }

  private static func check(_ counts: [String: Int]) throws(LanguageError) {
    guard counts.count >= 2 else {
      throw LanguageError(
        .training, "the examples have \(counts.count) label(s), at least 2 are required",
        remedy: "add examples of another label")
    }
    guard counts.count <= LanguageLimits.labels else {
      throw LanguageError(
        .training, "the examples have \(counts.count) labels, at most \(LanguageLimits.labels) are supported",
        remedy: "check that the label column contains labels, not texts")
    }
    guard counts.count(where: { $0.value > 1 }) >= 2 else {
      throw LanguageError(
        .training, "fewer than 2 labels have more than a single example",
        remedy: "give at least 2 labels 2 or more examples")
    }
  }
}
