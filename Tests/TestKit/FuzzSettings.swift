import Foundation

/// The number of fuzz inputs, and their seed.
///
/// FRONTDESK_FUZZ_INPUTS sets the number of inputs per test (a million and more for a night), FRONTDESK_FUZZ_SEED the seed.
public enum FuzzSettings {
  /// Inputs per test.
  public static let inputs = number("FRONTDESK_FUZZ_INPUTS") ?? 1000
  /// The seed from which every test derives its own.
  public static let seed = UInt64(max(0, number("FRONTDESK_FUZZ_SEED") ?? 20_261_122))

  private static func number(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
  }
}
