/// Signatures with which messages are compared, in one block of memory: comparing with thousands of them takes microseconds.
public struct LikenessIndex: Sendable {
  /// The signatures one after the other, `Likeness.places` values each.
  private var signatures: [UInt32] = []

  /// Creates an index without signatures.
  public init() {}

  /// How many signatures it has.
  public var count: Int { signatures.count / Likeness.places }

  /// Adds a signature; its position is the count before.
  public mutating func append(_ likeness: Likeness) {
    signatures += likeness.smallest
  }

  /// Returns the position of the most similar signature, the first one of several; nil if none is similar enough.
  /// - Parameter least: the similarity that is enough, from 0 to 1.
  public func nearest(to likeness: Likeness, atLeast least: Double) -> Int? {
    var best: (position: Int, agreement: Int)?
    for position in 0..<count {
      let first = position * Likeness.places
      let agreement = likeness.agreement(with: signatures[first..<first + Likeness.places])
      if agreement > best?.agreement ?? 0, Double(agreement) / Double(Likeness.places) >= least {
        best = (position, agreement)
      }
    }
    return best?.position
  }
}
