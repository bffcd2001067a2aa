import DeskCore
import Foundation
import TestKit
import Testing

@testable import PolicyReading

/// Zones by every name in the system's tz database, compared with the C library.
@Suite("SystemZone") struct SystemZoneTests {
  /// All zones of the database: files with the magic number, but the host's own settings and the tree that counts leap seconds.
  static let names: [String] = {
    let files = FileManager.default.enumerator(atPath: SystemZone.folder)?.compactMap { $0 as? String } ?? []
    return files.filter { name in
      guard !name.hasPrefix("right/"), name != "localtime", name != "posixrules" else { return false }
      return FileManager.default.contents(atPath: SystemZone.folder + "/" + name)?.starts(with: "TZif".utf8) == true
    }.sorted()
  }()

  /// Zones that differ in these years, each under one of its names.
  static func distinct(in years: ClosedRange<Int>) -> [SystemZone] {
    var seen: Set<ZoneOffsets> = []
    return names.compactMap { SystemZone($0) }.filter { zone in
      let offsets = zone.offsets(in: years)
      return seen.insert(
        ZoneOffsets(
          name: "", initialOffsetSeconds: offsets.initialOffsetSeconds, transitions: offsets.transitions)
      ).inserted
    }
  }

  @Test("every name of the database is a zone")
  func opensAll() {
    #expect(SystemZoneTests.names.count > 500)
    for name in SystemZoneTests.names { #expect(SystemZone(name)?.name == name, "\(name)") }
  }

  @Test(
    "names that Foundation does not list are zones too",
    arguments: [
      ("Asia/Kolkata", 19_800), ("Etc/UTC", 0), ("US/Pacific", -28_800), ("Singapore", 28_800), ("UTC", 0),
      ("GMT+0", 0),
      ("Etc/GMT+8", -28_800), ("EST", -18_000), ("Asia/Calcutta", 19_800), ("PRC", 28_800),
      ("America/Argentina/Buenos_Aires", -10_800),
    ])
  func opens(name: String, january: Int) throws {
    let offsets = try #require(SystemZone(name)).offsets(in: 2026...2026)
    #expect(offsets.name == name)
    #expect(offsets.offsetSeconds(at: Instant(seconds: 1_768_435_200)) == january)
  }

  @Test(
    "other names are not zones",
    arguments: [
      "", "Atlantis", "Mars/Olympus", "GMT+25", "GMT+8", "GMT+0800", "UTC+1", "+08:00", "Asia", "Asia/",
      "/Asia/Shanghai",
      "Asia//Shanghai", "../../etc/passwd", "Asia/../Asia/Shanghai", "./UTC", "posixrules", "localtime",
      "/usr/share/zoneinfo/UTC", "zone.tab", "tzdata.zi", "leapseconds", "leap-seconds.list", "iso3166.tab",
      "right/UTC",
      "right/Europe/Berlin", "asia/shanghai", "utc", "Asia/Shanghai\u{0}", "Asia/Shanghai ", "Ａsia/Shanghai",
      String(repeating: "A", count: 65), "CST-8", "TZif",
    ])
  func refuses(name: String) { #expect(SystemZone(name) == nil) }

  /// Zones whose rules are unlike all others': half an hour or two of summer time, negative summer time, Ramadan, changes before midnight,
  /// a changed side of the date line, and no changes at all.
  private static let unusual = [
    "Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "America/Godthab", "America/Nuuk", "America/Santiago",
    "Antarctica/Troll", "Asia/Gaza", "Asia/Hebron", "Asia/Jerusalem", "Asia/Tehran", "Australia/Lord_Howe",
    "Europe/Dublin", "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "America/New_York", "Europe/Berlin",
    "Asia/Shanghai", "UTC",
  ]

  /// The unusual zones, and every 24th of the others: zdump(8) takes seconds for all.
  private static let sample: [String] = {
    // The tree `posix` contains the same zones again.
    let all = names.filter { !$0.hasPrefix("posix/") }
    return all.enumerated().filter { $0 % 24 == 0 || unusual.contains($1) }.map(\.element)
  }()

  @Test("offsets match the C library, up to years covered only by a zone's rule")
  func agreesWithTheLibrary() async throws {
    let names = Self.sample
    #expect(names.count > 30)
    let text = try await RawConnection.blocking {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["zdump", "-v", "-c", "2015,2061"] + names
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return process.terminationStatus == 0 ? text : ""
    }
    var zones: [String: ZoneOffsets] = [:]
    for name in names { zones[name] = SystemZone(name)?.offsets(in: 2015...2060) }
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    var changes: [String: Int] = [:]
    var last: [String: Int] = [:]
    var checked = 0
    for line in text.split(separator: "\n") {
      // Africa/Cairo  Thu Apr 23 22:00:00 2026 UT = Fri Apr 24 01:00:00 2026 EEST isdst=1 gmtoff=10800
      let words = line.split(separator: " ").map(String.init)
      guard words.count > 6, words[6] == "UT", let year = Int(words[5]), let day = Int(words[3]),
        let month = months.firstIndex(of: words[2]), let civil = CivilDay(year: year, month: month + 1, day: day),
        let offset = words.last?.split(separator: "=").last.flatMap({ Int($0) })
      else { continue }
      let clock = words[4].split(separator: ":").compactMap { Int($0) }
      let second = civil.sinceEpoch * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
      let zone = try #require(zones[words[0]])
      let ours = zone.offsetSeconds(at: Instant(seconds: Int64(second)))
      if ours != offset { Issue.record("\(line), and not \(ours)") }
      if let before = last[words[0]], before != offset { changes[words[0], default: 0] += 1 }
      last[words[0]] = offset
      checked += 1
    }
    #expect(checked > 2_000)
    for (name, count) in changes {
      let inside = zones[name]?.transitions.filter {
        $0.at >= Instant(seconds: 1_420_070_400) && $0.at < Instant(seconds: 2_871_763_200)
      }
      #expect(inside?.count == count, "\(name) changes as often")
    }
  }

  @Test("days and minutes begin when local time first shows them, in each zone of a year")
  func daysOfAYear() throws {
    for zone in SystemZoneTests.distinct(in: 2025...2027) {
      let offsets = zone.offsets(in: 2026...2026)
      func wall(_ second: Int) -> Int { second + offsets.offsetSeconds(at: Instant(seconds: Int64(second))) }
      let first = try #require(CivilDay("2026-01-01")).sinceEpoch
      let starts = (first...first + 365).map { offsets.instant(day: $0, minute: 0).microseconds / 1_000_000 }
      #expect(zip(starts, starts.dropFirst()).allSatisfy { $0 < $1 }, "\(zone.name)")
      // Brute force: every five minutes of the year belong to the day that local time shows.
      var index = 0
      for second in stride(from: Int(starts[0]), to: Int(starts[365]), by: 300) {
        while Int(starts[index + 1]) <= second { index += 1 }
        let shown = Int((Double(wall(second)) / 86_400).rounded(.down)) - first
        if shown != index { Issue.record("\(zone.name): \(second) is in day \(index), its wall shows \(shown)") }
      }
      // The second before a day begins still shows the day before.
      for (day, start) in starts.enumerated() {
        if wall(Int(start)) < (first + day) * 86_400 || wall(Int(start) - 1) >= (first + day) * 86_400 {
          Issue.record("\(zone.name): day \(day) does not begin at \(start)")
        }
      }
      // Opening hours around the clock lose nothing and count nothing twice.
      let calendar = BusinessCalendar(zone: offsets, week: Array(repeating: [0..<1440], count: 7), exceptions: [0: []])
      let (from, to) = (Instant(seconds: starts[0]), Instant(seconds: starts[365]))
      #expect(calendar.openTime(from: from, to: to) == to - from, "\(zone.name)")
    }
  }
}

@Suite("TimeZoneFile") struct TimeZoneFileTests {
  @Test("a damaged file is rejected or read, and never crashes the process", arguments: 0..<8)
  func survivesDamage(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed) + 1)
    for name in ["Africa/Cairo", "America/Santiago", "Europe/Berlin", "UTC"] {
      let whole = try #require(FileManager.default.contents(atPath: SystemZone.folder + "/" + name))
      for _ in 0..<200 {
        var bytes = Array(whole)
        for _ in 0..<Int.random(in: 1...8, using: &random) {
          bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
        }
        if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
        guard let file = TimeZoneFile(bytes) else { continue }
        let offsets = file.offsets(name: "x", years: 2020...2030)
        #expect(zip(offsets.transitions, offsets.transitions.dropFirst()).allSatisfy { $0.at < $1.at })
        _ = offsets.instant(day: 20_000, minute: 0)
      }
    }
  }
}
