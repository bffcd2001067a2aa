internal import DeskCore

/// The terms used for retrieval: words, prefixes of long words, and Chinese character bigrams.
struct TermExtractor {
  private let normaliser = Normaliser()
  private var text = NormalisedText()

  /// A longer word also counts by its prefix, so that "transfer" matches "transferred".
  static let stemLength = 5

  init() {}

  /// Returns terms with their counts, ordered by hash.
  mutating func terms(of passage: String) -> [(UInt64, Float)] {
    text.removeAll()
    normaliser.append(passage, to: &text)
    var counts: [UInt64: Float] = [:]
    Self.forEachTerm(of: text.scalars[...], kinds: text.kinds[...]) { counts[$0, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }
  }

  /// Calls `body` with each term of a normalised text or a part of one, as often as it occurs.
  static func forEachTerm(
    of scalars: ArraySlice<UInt32>, kinds: ArraySlice<UInt8>, _ body: (UInt64) -> Void
  ) {
    scalars.withUnsafeBufferPointer { scalars in
      kinds.withUnsafeBufferPointer { kinds in
        var index = 0
        while index < scalars.count {
          switch kinds[index] {
          case ScalarKind.han.rawValue:
            let isPair = index + 1 < scalars.count && kinds[index + 1] == ScalarKind.han.rawValue
            let follows = index > 0 && kinds[index - 1] == ScalarKind.han.rawValue
            let hash = GramHash.start(.han).adding(scalars[index])
            if isPair {
              body(hash.adding(scalars[index + 1]).state)
            } else if !follows {
              body(hash.state)
            }
            index += 1
          case ScalarKind.word.rawValue:
            var hash = GramHash.start(.word)
            var stem: GramHash?
            let start = index
            while index < scalars.count && kinds[index] == ScalarKind.word.rawValue {
              hash = hash.adding(scalars[index])
              index += 1
              if index - start == stemLength { stem = hash }
            }
            body(hash.state)
            if let stem { body(stem.adding(GramHash.border).state) }
          default:
            index += 1
          }
        }
      }
    }
  }
}
