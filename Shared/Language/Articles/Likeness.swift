/// Similarity of messages, estimated from short signatures that contain none of their text (MinHash, Broder 1997).
///
/// A signature keeps, for each of a fixed number of permutations of all terms, the smallest term of the message. Two signatures agree
/// at a position with a probability equal to the Jaccard similarity of the messages' terms. The terms are those of retrieval, so
/// that Chinese needs no segmentation. With 64 positions the standard error is at most 0.063.
public struct Likeness: Hashable, Sendable {
  /// Number of positions in a signature.
  public static let places = 64

  /// The smallest term under each permutation; `places` of them.
  let smallest: [UInt32]

  /// Computes a message's signature. Nil if it has no terms.
  public init?(of text: String) {
    var extractor = TermExtractor()
    let terms = extractor.terms(of: text)
    guard !terms.isEmpty else { return nil }
    var smallest = [UInt32](repeating: .max, count: Likeness.places)
    for (term, _) in terms {
      for place in 0..<Likeness.places { smallest[place] = min(smallest[place], Likeness.order(term, place)) }
    }
    self.smallest = smallest
  }

  /// Reads a stored signature; nil if its length is wrong.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Likeness.places * 4 else { return nil }
    smallest = (0..<Likeness.places).map { place in
      bytes[place * 4..<place * 4 + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
  }

  /// The signature, four bytes per position, big-endian.
  public var bytes: [UInt8] {
    smallest.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
  }

  /// Returns the similarity of two messages, from 0 to 1.
  public func to(_ other: Likeness) -> Double {
    Double(agreement(with: other.smallest[...])) / Double(Likeness.places)
  }

  /// At how many positions a signature agrees.
  func agreement(with other: ArraySlice<UInt32>) -> Int {
    smallest.withUnsafeBufferPointer { mine in
      other.withUnsafeBufferPointer { theirs in
        // Without bounds checks and overflow checks it is a few vector instructions.
        var equal: UInt32 = 0
        for place in 0..<Likeness.places { equal &+= mine[place] == theirs[place] ? 1 : 0 }
        return Int(equal)
      }
    }
  }

  /// Returns a term's rank in one of the permutations (SplitMix64's finaliser, a bijection on 64 bits).
  private static func order(_ term: UInt64, _ place: Int) -> UInt32 {
    var mixed = term &+ UInt64(place + 1) &* 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return UInt32(truncatingIfNeeded: mixed ^ (mixed >> 31))
  }
}
