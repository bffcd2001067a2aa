import CConsolePages
import Crypto
import Foundation
import NIOCore

/// The embedded files of the pages: modules, style sheet, icons.
struct PageAssets: Sendable {
  struct Asset: Sendable {
    let body: ByteBuffer
    let type: String
  }

  /// The files of this build.
  static let embedded = PageAssets()

  /// Changes with any file. It is part of the URLs, so that browsers may keep a file for good.
  let version: String
  // exact-keys: names of our own files, and of what is asked for
  private let byName: [String: Asset]

  private init() {
    var digest = SHA256()
    // exact-keys: names of our own files
    var byName: [String: Asset] = [:]
    for index in 0..<console_page_asset_count() {
      guard let asset = console_page_asset_at(index)?.pointee, let name = asset.name.map({ String(cString: $0) }) else {
        continue
      }
      let bytes = UnsafeRawBufferPointer(start: asset.bytes, count: Int(asset.size))
      digest.update(data: Data(name.utf8))
      digest.update(bufferPointer: bytes)
      byName[name] = Asset(body: Self.body(of: name, bytes), type: Self.type(of: name))
    }
    version = digest.finalize().prefix(8).map { String(UInt16($0) + 256, radix: 16).suffix(2) }.joined()
    self.byName = byName
  }

  /// The names of all files, sorted.
  var names: [String] { byName.keys.sorted() }

  /// Bytes of all files.
  var size: Int { byName.values.reduce(0) { $0 + $1.body.readableBytes } }

  func asset(_ name: String) -> Asset? { byName[name] }

  /// The path of a file in URLs.
  func path(of name: String) -> String { "/assets/\(version)/\(name)" }

  private static func body(of name: String, _ bytes: UnsafeRawBufferPointer) -> ByteBuffer {
    guard name.hasSuffix(".js") || name.hasSuffix(".css"), let source = String(validating: bytes, as: UTF8.self) else {
      return ByteBuffer(bytes: bytes)
    }
    return ByteBuffer(string: PageSource.withoutComments(source))
  }

  private static func type(of name: String) -> String {
    switch name.split(separator: ".").last {
    case "js": "text/javascript; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "svg": "image/svg+xml"
    case "json": "application/json"
    default: "application/octet-stream"
    }
  }
}
