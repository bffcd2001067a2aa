import DeskCore

/// Generates hostile inputs from valid ones: sequences that parsers are known to fail on, at random positions, reproducible by seed.
public struct Mutator: Sendable {
  /// The maximum length of an input in bytes: longer ones find nothing more.
  public static let bytes = 16 << 10

  private var random: SeededGenerator
  private let corpus: [[UInt8]]
  private let words: [[UInt8]]

  /// - Parameters:
  ///   - corpus: valid inputs, at least one.
  ///   - words: tokens of the language to insert in wrong places.
  public init(seed: UInt64, corpus: [[UInt8]], words: [[UInt8]]) {
    precondition(!corpus.isEmpty && !words.isEmpty, "there are inputs and tokens")
    random = SeededGenerator(seed: seed)
    self.corpus = corpus
    self.words = words
  }

  /// Returns the next input: a valid one with up to eight mutations.
  public mutating func next() -> [UInt8] {
    var input = pick(corpus)
    for _ in 0..<Int.random(in: 1...8, using: &random) { mutate(&input) }
    return input.count > Mutator.bytes ? Array(input.prefix(Mutator.bytes)) : input
  }

  /// Returns a random element.
  public mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: elements.indices, using: &random)]
  }

  private mutating func place(in input: [UInt8]) -> Int { Int.random(in: 0...input.count, using: &random) }

  private mutating func span(in input: [UInt8]) -> Range<Int> {
    let (one, other) = (place(in: input), place(in: input))
    return min(one, other)..<max(one, other)
  }

  /// Returns true with a probability of one in `times`, at least 1.
  public mutating func happens(oneIn times: Int) -> Bool { Int.random(in: 0..<max(1, times), using: &random) == 0 }

  private mutating func mutate(_ input: inout [UInt8]) {
    switch Int.random(in: 0..<10, using: &random) {
    case 0 where !input.isEmpty:
      input[Int.random(in: input.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1 where !input.isEmpty:
      input[Int.random(in: input.indices, using: &random)] = pick([0, 0x0A, 0x22, 0x5C, 0x7F, 0x80, 0xC0, 0xED, 0xFF])
    case 2: input.removeSubrange(span(in: input))
    case 3: input.insert(contentsOf: pick(words), at: place(in: input))
    case 4:
      let other = pick(corpus)
      input.insert(contentsOf: other[span(in: other)], at: place(in: input))
    case 5: input.replaceSubrange(span(in: input), with: pick(words))
    case 6:
      // Deep and long: the same token repeated many times.
      let word = pick(words)
      let times = Int.random(in: 1...2000, using: &random)
      input.insert(
        contentsOf: repeatElement(word, count: min(times, Mutator.bytes / max(1, word.count))).joined(),
        at: place(in: input))
    case 7:
      let part = Array(input[span(in: input)])
      input.insert(contentsOf: part, at: place(in: input))
    case 8: input = Array(input.prefix(place(in: input)))
    default:
      let noise = (0..<Int.random(in: 1...16, using: &random)).map { _ in
        UInt8.random(in: .min ... .max, using: &random)
      }
      input.insert(contentsOf: noise, at: place(in: input))
    }
  }
}
