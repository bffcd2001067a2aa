public import DeskCore

/// The seed of a simulation, from which everything in it follows.
public struct SimulationSeed: Hashable, Sendable, CustomStringConvertible {
  /// Any number.
  public let number: UInt64

  public init(_ number: UInt64) { self.number = number }

  public var description: String { "\(number)" }

  /// A generator for one part of the simulation, independent of the other parts: a change in one does not shift the draws of another.
  /// - Parameter stream: the part, by a constant of the caller.
  public func generator(stream: UInt64) -> SeededGenerator {
    var mixed = SeededGenerator(seed: number ^ (stream &* 0x9E37_79B9_7F4A_7C15))
    return SeededGenerator(seed: mixed.next())
  }
}
