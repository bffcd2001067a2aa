import DeskCore

/// What happened in a run, in order, and a digest of it: two runs with the same digest were the same.
package struct Trace: Sendable {
  /// One line of a trace.
  package struct Line: Sendable {
    package let at: Duration
    package let node: Node?
    package let text: String
  }

  package private(set) var lines: [Line] = []
  /// FNV-1a over all lines, those included that were not kept.
  package private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325
  private let limit: Int

  init(limit: Int = FaultSimulationBounds.traceLines) { self.limit = limit }

  mutating func add(_ text: String, by node: Node?, at now: Duration) {
    mix(UInt64(bitPattern: now.wholeMicroseconds))
    mix(UInt64((node?.role.rawValue ?? 99) << 8 + (node?.number ?? 0)))
    for byte in text.utf8 { mix(UInt64(byte)) }
    if lines.count < limit { lines.append(Line(at: now, node: node, text: text)) }
  }

  private mutating func mix(_ value: UInt64) {
    digest = (digest ^ value) &* 0x0000_0100_0000_01B3
  }
}

extension Trace.Line: CustomStringConvertible {
  /// `  12.345678  router-2      offers ticket 3 to anna`
  package var description: String {
    let micros = at.wholeMicroseconds
    let seconds = String(micros / 1_000_000)
    let rest = String(micros % 1_000_000)
    let time = "\(seconds).\(String(repeating: "0", count: 6 - rest.count))\(rest)"
    let name = node.map(\.description) ?? "fault"
    return String(repeating: " ", count: max(0, 11 - time.count)) + time + "  " + name
      + String(repeating: " ", count: max(1, 14 - name.count)) + text
  }
}
