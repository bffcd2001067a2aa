import CommandLineTool
import DeskCore
import PolicyReading
import Simulator

/// The stretch that a person names: days, or times of days, in a time zone.
struct RecordedSpan {
  let from: Instant
  let to: Instant
  let zone: String

  /// - Parameters:
  ///   - from: a day, from its beginning, or a day and a time such as 2026-03-02T09:30.
  ///   - to: a day, up to its end, or a day and a time.
  ///   - zone: the time zone; nil for UTC.
  /// - Throws: `CommandFailure` with status 2.
  init(from: String, to: String, zone: String?, now: Instant) throws {
    guard let zone = zone.map({ SystemZone($0) }) ?? .utc else {
      throw Self.wrong("--zone \(zone ?? "") is unknown", SystemZone.remedy)
    }
    self.zone = zone.name
    self.from = try Self.instant(from, "from", in: zone, endsDay: false)
    self.to = try Self.instant(to, "to", in: zone, endsDay: true)
    guard self.from < self.to else { throw Self.wrong("--from \(from) is not before --to \(to)", "name a later --to") }
    guard self.to - self.from <= .seconds(Int64(RecordingBounds.days) * 86_400) else {
      throw Self.wrong(
        "from \(from) to \(to) is longer than \(RecordingBounds.days) days", "record it in several files")
    }
    guard self.to <= now else {
      throw Self.wrong("--to \(to) is in the future (\(Moment.text(self.to)))", "name a time that has passed")
    }
  }

  private static func instant(_ text: String, _ name: String, in zone: SystemZone, endsDay: Bool) throws -> Instant {
    let parts = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
    guard let day = CivilDay(String(parts[0])) else { throw unreadable(text, name) }
    let offsets = zone.offsets(in: day.components.year...(day + 1).components.year)
    guard parts.count == 2 else {
      return offsets.instant(day: day.sinceEpoch + (endsDay ? 1 : 0), minute: 0)
    }
    let clock = parts[1].utf8.map { $0 }
    let digits = clock.enumerated().allSatisfy { $0 == 2 ? $1 == UInt8(ascii: ":") : (0x30...0x39).contains($1) }
    guard clock.count == 5, digits else { throw unreadable(text, name) }
    let hour = Int(clock[0] - 0x30) * 10 + Int(clock[1] - 0x30)
    let minute = Int(clock[3] - 0x30) * 10 + Int(clock[4] - 0x30)
    guard hour < 24, minute < 60 else { throw unreadable(text, name) }
    return offsets.instant(day: day.sinceEpoch, minute: hour * 60 + minute)
  }

  private static func unreadable(_ text: String, _ name: String) -> CommandFailure {
    wrong("--\(name) \(text) is not a day or time", "write a day such as 2026-03-02, or 2026-03-02T09:30")
  }

  private static func wrong(_ problem: String, _ remedy: String) -> CommandFailure {
    CommandFailure(problem, remedy: remedy, status: .wrongCall)
  }
}
