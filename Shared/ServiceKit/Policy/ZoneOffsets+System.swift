public import DeskCore
import Foundation

extension ZoneOffsets {
  /// The offsets that the system's tables give a time zone in `PolicyLimits.years`; nil when it knows no such zone.
  ///
  /// Offsets are sampled each day and a change is then narrowed down to its second, so that changes other than daylight
  /// saving (a country that moves to another zone) are found as well.
  public init?(systemZone name: String) {
    guard name.utf8.count <= 64, TimeZone.knownTimeZoneIdentifiers.contains(name) || name == "UTC",
      let zone = TimeZone(identifier: name)
    else { return nil }
    func offset(_ second: Int64) -> Int {
      zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(second)))
    }
    let first = Int64(PolicyTime.daysBefore(year: PolicyLimits.years.lowerBound)) * 86_400
    let end = Int64(PolicyTime.daysBefore(year: PolicyLimits.years.upperBound + 1)) * 86_400
    var transitions: [Transition] = []
    var current = offset(first)
    let initial = current
    for day in stride(from: first, to: end, by: 86_400) {
      let next = offset(day + 86_400)
      guard next != current else { continue }
      var before = day
      var after = day + 86_400
      while after - before > 1 {
        let middle = before + (after - before) / 2
        if offset(middle) == current { before = middle } else { after = middle }
      }
      transitions.append(Transition(at: Instant(seconds: after), offsetSeconds: next))
      current = next
    }
    self.init(name: name, initialOffsetSeconds: initial, transitions: transitions)
  }
}
