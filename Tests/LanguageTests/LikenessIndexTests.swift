import DeskCore
import Testing

@testable import Language

@Suite("A message is compared with many signatures at once")
struct LikenessIndexTests {
  /// The same, one by one, by the definition.
  private static func nearest(to likeness: Likeness, in all: [Likeness], atLeast least: Double) -> Int? {
    var best: (position: Int, likeness: Double)?
    for (position, other) in all.enumerated() {
      let found = Double(zip(likeness.smallest, other.smallest).count { $0 == $1 }) / Double(Likeness.places)
      if found >= least, found > best?.likeness ?? 0 { best = (position, found) }
    }
    return best?.position
  }

  @Test func itFindsTheSignatureThatComparingOneByOneFinds() throws {
    var random = SeededGenerator(seed: 17)
    let words = ["parcel", "late", "refund", "登录", "闪退", "camera", "dark", "mode", "发票", "locker", "code", "again"]
    var index = LikenessIndex()
    var all: [Likeness] = []
    for _ in 0..<200 {
      let text = (0..<Int.random(in: 1...6, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
      let likeness = try #require(Likeness(of: text.joined(separator: " ")))
      for least in [0, 0.4, 0.9, 1] {
        #expect(
          index.nearest(to: likeness, atLeast: least) == Self.nearest(to: likeness, in: all, atLeast: least))
      }
      index.append(likeness)
      all.append(likeness)
    }
    #expect(index.count == 200)
  }

  @Test func anEmptyIndexFindsNothing() throws {
    let likeness = try #require(Likeness(of: "dark mode"))
    #expect(LikenessIndex().nearest(to: likeness, atLeast: 0) == nil)
  }
}
