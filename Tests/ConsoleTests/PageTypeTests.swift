import DeskCore
import Foundation
import HTTPService
import Testing

@testable import Console

/// The shapes that the pages' modules are checked against are those of the interface.
@Suite struct PageTypeTests {
  @Test func everyPropertyOfAShapeIsInTheDescription() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Services/Console/Pages/types.d.ts").standardizedFileURL
    let text = try String(contentsOf: file, encoding: .utf8)
    let schemas = try #require(JSONValue(json: ConsoleOpenAPI.document.json)?["components"]?["schemas"])
    var compared = 0
    for part in text.split(separator: "\n  interface ").dropFirst() {
      let name = String(part.prefix { $0.isLetter })
      guard case .object(let known)? = schemas[name]?["properties"] else { continue }
      compared += 1
      // Up to the brace that closes the shape; its own properties have four spaces before them.
      for line in part.split(separator: "\n").prefix(while: { $0 != "  }" }) {
        guard let property = line.wholeMatch(of: #/    ([a-z_]+)\??: .*/#)?.1 else { continue }
        #expect(known.contains { $0.name == property }, "\(name).\(property)")
      }
    }
    #expect(compared > 12)
  }
}
