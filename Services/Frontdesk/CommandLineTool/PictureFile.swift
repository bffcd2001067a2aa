import Foundation

/// Writes SVG charts.
package enum PictureFile {
  /// - Throws: `CommandFailure` where the file cannot be written.
  package static func write(svg: String, path: String) throws {
    do {
      try Data(svg.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw CommandFailure("\(path) cannot be written", remedy: "name a file in an existing, writable folder")
    }
  }
}
