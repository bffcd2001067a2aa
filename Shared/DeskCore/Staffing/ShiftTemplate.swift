/// A kind of shift: when it may begin, how long it is, and when its breaks may be.
public struct ShiftTemplate: Hashable, Sendable {
  /// A break, in minutes from the beginning of the shift.
  public struct Break: Hashable, Sendable {
    /// Its earliest and its latest beginning.
    public let window: ClosedRange<Int>
    public let minutes: Int

    public init(window: ClosedRange<Int>, minutes: Int) {
      self.window = window
      self.minutes = minutes
    }
  }

  public let name: String
  /// Minutes of the local day, ascending.
  public let starts: [Int]
  /// Its length in minutes, breaks included; all of it is paid.
  public let minutes: Int
  /// In their order; their windows do not overlap.
  public let breaks: [Break]

  /// - Throws: `StaffingError` for a shift without starts, off the grid of `StaffingBounds.gridMinutes`, or with breaks that leave it or
  ///   may overlap.
  public init(name: String, starts: [Int], minutes: Int, breaks: [Break] = []) throws(StaffingError) {
    let grid = StaffingBounds.gridMinutes
    let lengths = StaffingBounds.shiftMinutes
    guard lengths.contains(minutes), minutes % grid == 0 else {
      throw StaffingError(
        quantity: .shiftLength, value: Double(minutes),
        remedy: "it must be a multiple of \(grid) from \(lengths.lowerBound) to \(lengths.upperBound)")
    }
    guard (1...StaffingBounds.starts).contains(starts.count),
      starts.allSatisfy({ (0..<1440).contains($0) && $0 % grid == 0 })
    else {
      throw StaffingError(
        quantity: .shiftStart, value: Double(starts.first { !(0..<1440).contains($0) || $0 % grid != 0 } ?? -1),
        remedy: "give 1 to \(StaffingBounds.starts) times of day, each a multiple of \(grid) minutes")
    }
    var end = 0
    for pause in breaks {
      guard breaks.count <= StaffingBounds.breaks, pause.minutes > 0, pause.window.lowerBound >= end,
        pause.window.lowerBound % grid == 0, pause.window.upperBound % grid == 0, pause.minutes % grid == 0,
        pause.window.upperBound < minutes, pause.minutes <= minutes - pause.window.upperBound
      else {
        throw StaffingError(
          quantity: .shiftBreak, value: Double(pause.window.lowerBound),
          remedy:
            "give at most \(StaffingBounds.breaks) in their order, each within the shift, after the latest end of the one before, in multiples of \(grid) minutes"
        )
      }
      end = pause.window.upperBound + pause.minutes
    }
    self.name = name
    self.starts = Array(Set(starts)).sorted()
    self.minutes = minutes
    self.breaks = breaks
  }

  /// Minutes of work.
  var workedMinutes: Int { minutes - breaks.reduce(0) { $0 + $1.minutes } }
}
