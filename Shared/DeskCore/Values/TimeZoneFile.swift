/// A parsed file of the system's time zone database (TZif, RFC 8536).
public struct TimeZoneFile: Sendable {
  /// More entries of any kind than a zone ever had: a file that declares more is invalid.
  private static let countMaximum = 10_000

  /// Seconds to add to UTC before the first transition.
  private let initialOffset: Int
  /// When each offset begins, in seconds since 1970, oldest first.
  private let transitions: [(at: Int64, offset: Int)]
  /// The rule after the last transition; nil: its offset applies forever.
  private let rule: TimeZoneRule?

  /// Reads a file of version 2 or later.
  /// - Returns: nil for anything but a well-formed file, and for files that count leap seconds (the folder `right`): the desk's
  ///   timeline has none.
  public init?(_ bytes: [UInt8]) {
    var reader = Reader(bytes: bytes)
    // A block with 32-bit times comes first, for readers of version 1; the same with 64 bits and a footer follow.
    guard let old = reader.header(), old.version >= UInt8(ascii: "2"), reader.skip(old.dataLength(timeBytes: 4)),
      let header = reader.header(), header.leapSeconds == 0, header.types > 0,
      let times = reader.list(header.times, { $0.integer(bytes: 8) }),
      let indices = reader.list(header.times, { $0.integer(bytes: 1) }),
      let offsets = reader.list(
        header.types, { type in type.integer(bytes: 4).flatMap { offset in type.skip(2) ? offset : nil } }),
      reader.skip(header.names + header.standardFlags + header.universalFlags),
      let footer = reader.footer(), zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }),
      indices.allSatisfy({ (0..<Int64(offsets.count)).contains($0) }),
      offsets.allSatisfy({ abs($0) < 26 * 3600 })
    else { return nil }
    initialOffset = Int(offsets[0])
    transitions = zip(times, indices).map { ($0, Int(offsets[Int($1)])) }
    if footer.isEmpty {
      rule = nil
    } else {
      guard let read = TimeZoneRule(footer) else { return nil }
      rule = read
    }
  }

  /// The offsets that apply in some years, from a few days before the first to a few days after the last.
  /// - Parameter years: within -10,000 to 20,000; few, because each has its own changes.
  public func offsets(name: String, years: ClosedRange<Int>) -> ZoneOffsets {
    let first = CivilDay.first(of: 1, in: years.lowerBound).start - 3 * 86_400
    let last = CivilDay.first(of: 1, in: years.upperBound + 1).start + 3 * 86_400
    var known = transitions
    if let rule {
      let lastKnown = transitions.last?.at ?? .min
      let ruled = (years.lowerBound - 1...years.upperBound + 1).flatMap { rule.transitions(in: $0) }
      known += ruled.filter { $0.at > lastKnown }.sorted { $0.at < $1.at }
    }
    var current = initialOffset
    var initial: Int?
    var kept: [ZoneOffsets.Transition] = []
    for (at, offset) in known where at < last {
      if at > first {
        if initial == nil { initial = current }
        if offset != current { kept.append(.init(at: Instant(seconds: at), offsetSeconds: offset)) }
      }
      current = offset
    }
    return ZoneOffsets(name: name, initialOffsetSeconds: initial ?? current, transitions: kept)
  }
}

// MARK: - Bytes

extension TimeZoneFile {
  private struct Header {
    let version: UInt8
    let universalFlags: Int
    let standardFlags: Int
    let leapSeconds: Int
    let times: Int
    let types: Int
    let names: Int

    func dataLength(timeBytes: Int) -> Int {
      times * (timeBytes + 1) + types * 6 + names + leapSeconds * (timeBytes + 4) + standardFlags + universalFlags
    }
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    mutating func header() -> Header? {
      guard bytes.count - position >= 44, bytes[position..<position + 4].elementsEqual("TZif".utf8) else { return nil }
      let version = bytes[position + 4]
      position += 20
      guard let counts = list(6, { $0.integer(bytes: 4) }),
        counts.allSatisfy({ (0...Int64(TimeZoneFile.countMaximum)).contains($0) })
      else { return nil }
      return Header(
        version: version, universalFlags: Int(counts[0]), standardFlags: Int(counts[1]), leapSeconds: Int(counts[2]),
        times: Int(counts[3]), types: Int(counts[4]), names: Int(counts[5]))
    }

    mutating func skip(_ count: Int) -> Bool {
      guard bytes.count - position >= count else { return false }
      position += count
      return true
    }

    /// A big-endian number in two's complement; a single byte is unsigned.
    mutating func integer(bytes width: Int) -> Int64? {
      guard bytes.count - position >= width else { return nil }
      var value: UInt64 = 0
      for byte in bytes[position..<position + width] { value = value << 8 | UInt64(byte) }
      position += width
      return switch width {
      case 4: Int64(Int32(truncatingIfNeeded: value))
      default: Int64(bitPattern: value)
      }
    }

    mutating func list(_ count: Int, _ read: (inout Reader) -> Int64?) -> [Int64]? {
      var list: [Int64] = []
      for _ in 0..<count {
        guard let value = read(&self) else { return nil }
        list.append(value)
      }
      return list
    }

    /// The line after the data.
    mutating func footer() -> String? {
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\n"),
        let end = bytes[(position + 1)...].firstIndex(of: UInt8(ascii: "\n"))
      else { return nil }
      return String(validating: bytes[(position + 1)..<end], as: UTF8.self)
    }
  }
}

extension CivilDay {
  /// Its midnight in UTC, in seconds since 1970.
  fileprivate var start: Int64 { Int64(sinceEpoch) * 86_400 }
}
