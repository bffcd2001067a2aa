public import DeskCore
import Foundation

/// A time zone of this system's tz database: any name that the database defines, and nothing else.
///
/// The files are read directly and not through Foundation, which knows fewer names (no `Asia/Kolkata`, no `US/Pacific`), invents
/// zones from texts such as `GMT+25`, and has its own tables that system updates do not change.
public struct SystemZone: Sendable {
  /// The remedy for an unknown zone.
  public static let remedy = "Use a zone of the system's tz database, such as Asia/Shanghai or UTC."

  /// The location of the database on Linux and the BSDs.
  static let folder = "/usr/share/zoneinfo"
  /// Files of the database that are host settings, not zones.
  private static let settings: Set<ExactString> = ["localtime", "posixrules"]
  /// The maximum length of a name, in bytes, and the maximum file size.
  private static let nameBytes = 64
  private static let fileBytes = 1 << 16

  /// The name as requested.
  public let name: String
  private let file: TimeZoneFile?

  /// Coordinated Universal Time, which needs no database.
  public static let utc = SystemZone(name: "UTC", file: nil)

  /// Looks a zone up. Names are case-sensitive. `UTC` is always there.
  /// - Returns: nil when the database has no zone with that name.
  public init?(_ name: String) {
    if name == "UTC" {
      self = .utc
      return
    }
    // Without dots, a name cannot lead out of the folder.
    guard name.utf8.count <= SystemZone.nameBytes, !SystemZone.settings.contains(ExactString(name)),
      name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ part in
        !part.isEmpty && part.utf8.allSatisfy(SystemZone.isNamePart)
      }),
      let bytes = FileManager.default.contents(atPath: SystemZone.folder + "/" + name),
      bytes.count <= SystemZone.fileBytes, let file = TimeZoneFile(Array(bytes))
    else { return nil }
    self.init(name: name, file: file)
  }

  private init(name: String, file: TimeZoneFile?) {
    (self.name, self.file) = (name, file)
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// The offsets of some years; earlier and later years use those of the first and last.
  public func offsets(in years: ClosedRange<Int>) -> ZoneOffsets { file?.offsets(name: name, years: years) ?? .utc }
}
