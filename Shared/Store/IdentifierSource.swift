public import DeskCore
import Synchronization

/// An `IdentifierSequence` that any number of threads share: each identifier sorts after all that were made before it.
///
/// Services take theirs from `process`: messages, tickets, replies, offers and deliveries of one process then sort in the order of
/// acceptance. For a repeatable run, make a separate source and pass a seeded generator.
public final class IdentifierSource: Sendable {
  /// The source of this process.
  public static let process = IdentifierSource()

  private let last = Atomic<UInt64>(0)

  /// Begins a sequence.
  public init() {}

  /// Makes the next identifier.
  /// - Parameters:
  ///   - instant: the time now, by the database's clock.
  ///   - random: the source of its last 62 bits.
  public func next<Subject>(at instant: Instant, using random: inout some RandomNumberGenerator) -> Identifier<Subject>
  {
    next(at: instant, tail: random.next())
  }

  /// Makes the next identifier.
  /// - Parameters:
  ///   - instant: the time now, by the database's clock.
  ///   - tail: 62 of its bits are the last ones of the identifier.
  public func next<Subject>(at instant: Instant, tail: UInt64) -> Identifier<Subject> {
    var known = last.load(ordering: .relaxed)
    while true {
      var sequence = IdentifierSequence(after: known)
      let place = sequence.advance(to: instant)
      let (isExchanged, original) = last.weakCompareExchange(
        expected: known, desired: place, ordering: .relaxed)
      if isExchanged { return Identifier(place: place, tail: tail) }
      known = original
    }
  }
}
