import Foundation

/// How much is fuzzed, and from which seed.
///
/// FRONTDESK_FUZZ_INPUTS sets the number of inputs of each test (a million and more for a night), FRONTDESK_FUZZ_SEED the seed.
public enum FuzzSettings {
  /// Inputs of each test.
  public static let inputs = number("FRONTDESK_FUZZ_INPUTS") ?? 1000
  /// The seed that every test derives its own from.
  public static let seed = UInt64(max(0, number("FRONTDESK_FUZZ_SEED") ?? 20_261_122))

  private static func number(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
  }
}
